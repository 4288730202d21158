/**
 * What a link did to every packet, written down and done again: the same weather for another client, or for the same one after a change.
 *
 * A recording is lines of JSON: the first describes it, each of the others is a packet of a connection, counted from 1: its direction, the
 * microsecond it was sent at, its size, and how long it took, or null when it was lost. Doing it again gives the n-th packet of a direction what the
 * n-th packet got; where the recording ends, it begins again.
 */
import type { Link } from "../link/index.ts";
import { LinkError } from "../link/index.ts";

export const RECORDING_KIND = "perigee-link-recording";

interface Entry {
  connection: number;
  direction: "up" | "down";
  sentUs: number;
  sizeBytes: number;
  tookUs: number | null;
}

export class Recorder {
  private readonly write: (line: string) => void;

  /** `write` takes whole lines. */
  constructor(write: (line: string) => void, linkName: string) {
    this.write = write;
    write(`${JSON.stringify({ kind: RECORDING_KIND, version: 1, link: linkName })}\n`);
  }

  watch(link: Link, connection: number): void {
    for (const direction of ["up", "down"] as const) {
      link[direction].observe = (sentUs, sizeBytes, tookUs) => {
        const entry: Entry = { connection, direction, sentUs, sizeBytes, tookUs };
        this.write(`${JSON.stringify(entry)}\n`);
      };
    }
  }
}

export class Replayer {
  private readonly fates = new Map<string, (number | null)[]>();
  private readonly connectionCount: number;

  /** Throws LinkError, with the line, for what is no recording. */
  constructor(text: string, name: string) {
    const lines = text.split("\n").filter(line => line !== "");
    let connectionCount = 0;
    for (const [index, line] of lines.entries()) {
      const entry = parsed(line, `${name}: line ${index + 1}`);
      if (index === 0) {
        if (entry.kind !== RECORDING_KIND)
          throw new LinkError(`${name}: no recording of a link: its first line says something else`);
        continue;
      }
      const { connection, direction, tookUs } = entry as unknown as Entry;
      const right =
        Number.isInteger(connection) &&
        connection > 0 &&
        (direction === "up" || direction === "down") &&
        (tookUs === null || (Number.isInteger(tookUs) && tookUs >= 0));
      if (!right) throw new LinkError(`${name}: line ${index + 1} is no packet of a recording: ${line}`);
      connectionCount = Math.max(connectionCount, connection);
      const key = `${connection}/${direction}`;
      const fates = this.fates.get(key);
      if (fates === undefined) this.fates.set(key, [tookUs]);
      else fates.push(tookUs);
    }
    if (connectionCount === 0) throw new LinkError(`${name}: the recording has no packet`);
    this.connectionCount = connectionCount;
  }

  /** Lets `link` do what was recorded of that connection; more connections than were recorded begin with the first again. */
  script(link: Link, connection: number): void {
    const recorded = ((connection - 1) % this.connectionCount) + 1;
    for (const direction of ["up", "down"] as const) {
      link[direction].script = this.fates.get(`${recorded}/${direction}`) ?? null;
    }
  }
}

function parsed(line: string, place: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new LinkError(`${place} is no JSON object`);
}
