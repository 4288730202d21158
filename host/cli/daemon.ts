/**
 * `-d` as mosquitto has it: the command comes back when the broker serves, and fails before it came back if it cannot. Node cannot fork,
 * so the same command is started again, away from the terminal, and tells how it went.
 */
import { spawn } from "node:child_process";

/** Set for the one that is to stay. */
const MARK = "PERIGEE_DAEMON";

/** What it tells: why it cannot run, or nothing where it does. */
interface Outcome {
  error?: string;
}

/** Whether this process is the one in the background. */
export function isDaemon(): boolean {
  return process.env[MARK] === "1" && process.send !== undefined;
}

/** Starts this command again in the background. Resolves with its exit status, or 0 when it serves; `fail` is given its error. */
export function startDaemon(fail: (error: string) => void): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...process.env, [MARK]: "1" },
  });
  return new Promise(resolve => {
    child.once("exit", code => resolve(code ?? 1));
    child.on("message", ({ error }: Outcome) => {
      if (error !== undefined) {
        fail(error);
        return;
      }
      child.disconnect();
      child.unref();
      resolve(0);
    });
  });
}

/** Tells the command that was typed how it went. */
export function tellOutcome(outcome: Outcome): void {
  if (isDaemon()) process.send?.(outcome);
}
