/**
 * Readings out of a recorded table: every sensor replays it, each from a moment of its own, and begins again when it is over.
 *
 * A payload is the identity of the message and then the values of the row as they stand in the file, joined by commas: what a sensor of that
 * record would have sent. What the times of rows may be is in recorded-time.ts.
 */
import { parse } from "csv-parse/sync";
import { NEVER_US, RandomStream, type Seed } from "../link/index.ts";
import { suggestion } from "../link/nearest.ts";
import { SimulationError } from "./error.ts";
import { IDENTITY_SIZE, type Readings, writeIdentity } from "./readings.ts";
import { readTimeUs, type TimeUnit, unitOf } from "./recorded-time.ts";

/** Characters of a file that an error shows. */
const SHOWN_MAX = 80;

/** One row: when, since the first, and its values as bytes. */
interface RecordedRow {
  atUs: number;
  text: Uint8Array;
}

/** A table that was recorded. */
export interface Recording {
  rows: RecordedRow[];
  /** After this time it begins again: its span, and one mean interval. */
  periodUs: number;
  /** What its times were taken for, where they are numbers. */
  timeUnit?: TimeUnit;
}

/**
 * Reads a table from the text of a CSV file with a header line. `name` is what messages call it. Times that are numbers are in
 * `timeUnit` or, without it, in what the size of the first suggests.
 * Throws SimulationError for text that is no CSV, an absent column, a time that is none or runs back, and fewer than two rows.
 */
export function readRecording(
  text: string,
  name: string,
  timeColumn: string,
  valueColumns: readonly string[],
  timeUnit?: TimeUnit,
): Recording {
  const records = parseTable(text, name);
  const [header] = records;
  if (header === undefined)
    throw new SimulationError(`${name}: the file is empty; a header line and two rows are needed`);
  const timeIndex = columnIndex(header, timeColumn, name);
  const valueIndexes = valueColumns.map(column => columnIndex(header, column, name));
  const unit = timeUnit ?? unitOf(records[1]?.[timeIndex] ?? "");
  const encoder = new TextEncoder();
  const rows: RecordedRow[] = [];
  let firstUs = 0;
  let previousUs = 0;
  for (let line = 1; line < records.length; line += 1) {
    const record = records[line];
    const us = readTimeUs(record[timeIndex], unit);
    if (Number.isNaN(us)) {
      const where = `${name}: row ${line}, column ${quote(timeColumn)}`;
      throw new SimulationError(`${where}: ${quote(record[timeIndex])} is neither a time of ISO 8601 nor a number`);
    }
    if (line === 1) firstUs = us;
    else if (us < previousUs)
      throw new SimulationError(`${name}: row ${line}: time runs back: ${quote(record[timeIndex])}`);
    previousUs = us;
    rows.push({ atUs: us - firstUs, text: encoder.encode(valueIndexes.map(index => record[index]).join(",")) });
  }
  const spanUs = previousUs - firstUs;
  if (rows.length < 2 || spanUs <= 0) throw new SimulationError(`${name}: two rows at different times are needed`);
  return { rows, periodUs: spanUs + Math.max(1, Math.floor(spanUs / (rows.length - 1))), timeUnit: unit };
}

function parseTable(text: string, name: string): string[][] {
  try {
    return parse(text, { bom: true, skip_empty_lines: true, trim: true }) as string[][];
  } catch (error) {
    throw new SimulationError(`${name}: no CSV: ${printable((error as Error).message.split("\n")[0])}`);
  }
}

function columnIndex(header: readonly string[], column: string, name: string): number {
  const index = header.indexOf(column);
  if (index >= 0 && header.indexOf(column, index + 1) >= 0) {
    throw new SimulationError(`${name}: there are two columns ${quote(column)}`);
  }
  if (index >= 0) return index;
  const near = suggestion(column, header) || `; there are ${header.join(", ")}`;
  throw new SimulationError(`${name}: there is no column ${quote(column)}${printable(near)}`);
}

/** What stands in a file may be anything, and a terminal obeys some of it: only what can be read is shown. */
function printable(text: string): string {
  const short = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, character => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

function quote(text: string): string {
  return `"${printable(text)}"`;
}

export class RecordedReadings implements Readings {
  readonly largestSize: number;
  private readonly recording: Recording;
  private readonly seed: Seed;
  private readonly phasesUs = new Map<number, number>();
  /** For each sensor: from which message on its number lags behind the reading's, and by how much; one pair each time it has changed. */
  private readonly lags = new Map<number, number[]>();

  constructor(recording: Recording, seed: Seed) {
    this.recording = recording;
    this.seed = seed;
    this.largestSize = IDENTITY_SIZE + recording.rows.reduce((most, row) => Math.max(most, row.text.length), 0);
  }

  firstUs(sensor: number): number {
    const { rows, periodUs } = this.recording;
    const phaseUs = new RandomStream(this.seed, `sensor/${sensor}/phase`).below(
      Math.max(1, Math.floor(periodUs / rows.length)),
    );
    this.phasesUs.set(sensor, phaseUs);
    return phaseUs;
  }

  nextUs(sensor: number, index: number, atUs: number): number {
    const { rows, periodUs } = this.recording;
    const nextUs =
      (this.phasesUs.get(sensor) ?? 0) + Math.floor(index / rows.length) * periodUs + rows[index % rows.length].atUs;
    return Number.isSafeInteger(nextUs) ? Math.max(atUs, nextUs) : NEVER_US;
  }

  size(_sensor: number, index: number): number {
    return IDENTITY_SIZE + this.textOf(index).length;
  }

  write(bytes: Uint8Array, at: number, sensor: number, index: number, sequence: number): void {
    writeIdentity(bytes, at, sensor, sequence);
    bytes.set(this.textOf(index), at + IDENTITY_SIZE);
    this.noteLag(sensor, sequence, index - sequence);
  }

  matches(bytes: Uint8Array, at: number, size: number, sensor: number, sequence: number): boolean {
    const text = this.textOf(sequence + this.lagOf(sensor, sequence));
    if (size !== IDENTITY_SIZE + text.length) return false;
    return text.every((byte, offset) => bytes[at + IDENTITY_SIZE + offset] === byte);
  }

  private textOf(index: number): Uint8Array {
    return this.recording.rows[index % this.recording.rows.length].text;
  }

  private noteLag(sensor: number, sequence: number, lag: number): void {
    const lags = this.lags.get(sensor);
    if (lags === undefined) this.lags.set(sensor, [sequence, lag]);
    else if (lags[lags.length - 1] !== lag) lags.push(sequence, lag);
  }

  private lagOf(sensor: number, sequence: number): number {
    const lags = this.lags.get(sensor) ?? [];
    let index = lags.length - 2;
    while (index > 0 && lags[index] > sequence) index -= 2;
    return index < 0 ? 0 : lags[index + 1];
  }
}
