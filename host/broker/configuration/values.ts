/**
 * What a value of mosquitto.conf may look like: a reader for each kind, with the words that say what it expects.
 *
 * mosquitto reads numbers with atoi, so that `20x` is 20 and `many` is 0. Here a number is a number.
 */
export interface ValueKind<T> {
  /** Completes "expected ...". */
  readonly expected: string;
  /** Undefined when the text is not of this kind. It is trimmed, and empty when nothing stands behind the key. */
  read(text: string): T | undefined;
}

export const flag: ValueKind<boolean> = {
  expected: "true or false",
  read: text => {
    if (text === "true" || text === "1") return true;
    return text === "false" || text === "0" ? false : undefined;
  },
};

export function integer(low: number, high: number): ValueKind<number> {
  return {
    expected: `a whole number from ${low} to ${high}`,
    read: text => {
      const value = Number(text);
      return /^-?\d+$/.test(text) && value >= low && value <= high ? value : undefined;
    },
  };
}

/** Smaller than 32 bytes not even a refusal would fit. */
export const packetSize: ValueKind<number> = {
  expected: "0 for no limit, or a whole number from 32 to 268435460",
  read: value => {
    const size = integer(0, 268_435_460).read(value);
    return size !== undefined && size > 0 && size < 32 ? undefined : size;
  },
};

/** The rest of the line, spaces included. */
export const text: ValueKind<string> = {
  expected: "a text",
  read: value => (value === "" ? undefined : value),
};

export function oneOf<T extends string>(...words: readonly T[]): ValueKind<T> {
  return {
    expected: words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
    read: value => words.find(word => word === value),
  };
}

/** `PORT [HOST]`, or `0 PATH` for a Unix socket. */
export interface ListenerPlace {
  readonly port: number;
  readonly host?: string;
  readonly path?: string;
}

export const place: ValueKind<ListenerPlace> = {
  expected: "PORT [HOST], a port from 1 to 65535, or 0 PATH for a Unix socket",
  read: value => {
    const [, portText, rest] = /^(\S+)\s*(.*)$/.exec(value) ?? [];
    if (portText === undefined || !/^\d+$/.test(portText)) return undefined;
    const port = Number(portText);
    if (port > 65535 || (port === 0 && rest === "")) return undefined;
    if (port === 0) return { port, path: rest };
    return rest === "" ? { port } : { port, host: rest };
  },
};

const UNIT_S: Readonly<Record<string, number>> = {
  h: 3600,
  d: 86_400,
  w: 7 * 86_400,
  m: 30 * 86_400,
  y: 365 * 86_400,
};

/** `2w`: hours, days, weeks, months of 30 days, years of 365; in seconds. */
export const duration: ValueKind<number> = {
  expected: "a number and one of h, d, w, m, y, for instance 14d",
  read: value => {
    const [, count, unit] = /^([1-9]\d{0,5})([hdwmy])$/.exec(value) ?? [];
    return count === undefined ? undefined : Math.min(Number(count) * UNIT_S[unit], 0xffff_fffe);
  },
};

/** Where log lines go. */
export type LogDestination =
  | { readonly kind: "none" | "stdout" | "stderr" | "syslog" | "topic" | "dlt" }
  | { readonly kind: "file"; readonly path: string };

export const destination: ValueKind<LogDestination> = {
  expected: "none, stdout, stderr, syslog, topic, or file PATH",
  read: value => {
    const [, path] = /^file\s+(.+)$/.exec(value) ?? [];
    if (path !== undefined) return { kind: "file", path };
    for (const kind of ["none", "stdout", "stderr", "syslog", "topic", "dlt"] as const) {
      if (kind === value) return { kind };
    }
    return undefined;
  },
};
