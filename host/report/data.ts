/**
 * What a report is made of, as the page finds it in itself: plain data, so that anything that can fill it can be drawn.
 *
 * Times are microseconds unless the name says otherwise, sizes bytes of IP. Names of rows, of bytes and of packets are free: a bearer without TCP
 * has others than MQTT over TCP.
 */

/** A table for people: the cells are text. */
export interface TableData {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A figure of the link, where it comes from, and how good that is. */
export interface FigureData {
  readonly path: string;
  readonly value: string;
  /** A letter of the grades, or "" for what was given with the command. */
  readonly grade: string;
  /** What the grade means. */
  readonly meaning: string;
  readonly source: string;
  readonly isIllustrative: boolean;
}

/** What every report says of itself. */
interface Head {
  readonly title: string;
  /** Of the program. */
  readonly version: string;
  /** The command that makes this report again. */
  readonly command: string;
  readonly facts: readonly (readonly [string, string])[];
}

export interface SimulationData extends Head {
  readonly kind: "simulation";
  /** What the checkers say, a line each; the first is the verdict. */
  readonly verdict: readonly string[];
  readonly isGood: boolean;
  readonly results: TableData;
  readonly link: { readonly name: string; readonly summary: string; readonly figures: readonly FigureData[] };
  /** Seconds of one of the equal parts that the time of the run is cut into. */
  readonly binS: number;
  /** The share of sensors without a link in each part, 0 to 1; null where the link has no outages. */
  readonly silent: readonly number[] | null;
  readonly rows: readonly RowData[];
}

/** One run: a quality of service, a version, a bearer. */
export interface RowData {
  readonly name: string;
  readonly published: number;
  /** Milliseconds, and the share of what was published that had arrived by then, 0 to 1; rising. */
  readonly delays: readonly (readonly [number, number])[];
  /** In each part of the time: messages published, messages delivered, and the longest delay of those published, milliseconds or null. */
  readonly publishedIn: readonly number[];
  readonly deliveredIn: readonly number[];
  readonly worstMs: readonly (number | null)[];
  readonly bytes: readonly { readonly kind: string; readonly up: number; readonly down: number }[];
  readonly lives: readonly LifeData[];
}

/** A step of a message's life: a packet, or the same one lost over and over, or something that happened at the sensor. */
export type StepData = readonly [
  /** Since the message was published. */
  atUs: number,
  what: string,
  /** 1 up, -1 down, 0 for what happened at the sensor. */
  way: -1 | 0 | 1,
  /** null for lost. */
  tookUs: number | null,
  sizeBytes: number,
  /** The segment had been sent before. */
  isRepeat: 0 | 1,
  /** How many there were, and when the last of them left. */
  count: number,
  lastUs: number,
];

export interface LifeData {
  readonly sensor: number;
  readonly number: number;
  /** Why it is here: "lost", "long delay", ... */
  readonly why: string;
  /** Of the run's time. */
  readonly publishedUs: number;
  /** Since it was published. */
  readonly acknowledgedUs: number | null;
  readonly deliveredUs: readonly number[];
  readonly steps: readonly StepData[];
  readonly omitted: number;
  /** When the sensor had no link, since the message was published. */
  readonly silent: readonly (readonly [number, number])[];
}

export interface SweepData extends Head {
  readonly kind: "sweep";
  readonly dimensions: readonly string[];
  /** What can be shown: its name, what it is in words, and its digits. */
  readonly figures: readonly { readonly name: string; readonly what: string; readonly digits: number }[];
  readonly figure: string;
  /** Each combination: a value for each dimension, how many runs there were, and the mean of each figure. */
  readonly points: readonly {
    readonly values: readonly string[];
    readonly runs: number;
    readonly means: readonly number[];
  }[];
}

export type ReportData = SimulationData | SweepData;
