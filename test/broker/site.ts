/** A configured broker and its log, for the suites of mosquitto.conf. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfiguredServer, Log, parseConfiguration } from "../../host/broker/index.ts";
import { onEnd } from "./real.ts";

/** A log that is heard and not written. */
export class HeardLog extends Log {
  readonly lines: string[] = [];
  #waiting: { pattern: RegExp; resolve: () => void }[] = [];

  constructor() {
    super(true);
  }

  /** Resolves at the next line that matches, or at once when one has come before. */
  until(pattern: RegExp): Promise<void> {
    if (this.lines.some(line => pattern.test(line))) return Promise.resolve();
    return new Promise(resolve => this.#waiting.push({ pattern, resolve }));
  }

  override readonly write = (_level: string, line: string): void => {
    this.lines.push(line);
    for (const { resolve } of this.#waiting.filter(({ pattern }) => pattern.test(line))) resolve();
    this.#waiting = this.#waiting.filter(({ pattern }) => !pattern.test(line));
  };
}

/** A folder with the files of one test, and the broker that they describe. */
export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), "perigee-"));
  readonly log = new HeardLog();
  configured!: ConfiguredServer;

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  settings(...lines: string[]) {
    return parseConfiguration(lines.join("\n"));
  }

  /** The address of the first listener. `listener 0 FOLDER/s` is a Unix socket, which nobody else can take. */
  async start(...lines: string[]): Promise<string> {
    this.configured = await ConfiguredServer.start(this.settings(...lines), this.log);
    onEnd(() => this.configured.close());
    return this.configured.server.listeners[0].address;
  }
}
