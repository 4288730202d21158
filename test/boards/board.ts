/** A board that runs as a process: this computer's, or an emulator. Its console is stderr. */
import { type ChildProcess, spawn } from "node:child_process";
import { onEnd } from "../broker/real.ts";

export class Board {
  readonly #process: ChildProcess;
  readonly ended: Promise<number | null>;
  /** What the console has said. */
  readonly lines: string[] = [];
  #rest = "";
  #hasEnded = false;
  #wake: (() => void)[] = [];

  /** @param env beside this process's own */
  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const stdio: ["ignore", "ignore", "pipe"] = ["ignore", "ignore", "pipe"];
    this.#process = spawn(program, args, { stdio, env: { ...process.env, ...env } });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop() ?? "";
      this.lines.push(...lines);
      this.#tell();
    });
    this.ended = new Promise(resolve =>
      this.#process.once("close", code => {
        this.#hasEnded = true;
        this.#tell();
        resolve(code);
      }),
    );
    onEnd(() => this.kill());
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Resolves when the console has said it `count` times; throws, with all that it said, where the board ends before that. */
  async until(pattern: RegExp, count = 1): Promise<void> {
    let found = 0;
    for (let next = 0; found < count; next++) {
      while (next === this.lines.length) {
        if (this.#hasEnded) throw new Error(`the board ended before ${pattern}:\n${this.lines.join("\n")}`);
        await new Promise<void>(resolve => this.#wake.push(resolve));
      }
      if (pattern.test(this.lines[next])) found++;
    }
  }

  /** Cuts its power. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.ended;
  }
}
