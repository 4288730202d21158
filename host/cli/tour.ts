/**
 * `perigee tour`: what a newcomer sees first, `npm start`: the day of telemetry, and what it meant.
 */
import { Command } from "commander";
import { runSim, simCommand } from "./sim.ts";

const BEFORE = `50 sensors publish once a minute for a day, each over a geostationary satellite of its own, with rain fades.
`;

const AFTER = `
Each sensor ran the client that fits on a microcontroller, over a small TCP, over a link that cut out now and then.
QoS 0 lost what TCP still held when a connection died; QoS 1 lost nothing but may repeat; QoS 2 did neither, and took longer.
Checkers proved it from the history alone; the same seed gives the same table and hash on any machine.
Try next:     npx perigee sim --html report.html    npx perigee sim --link iridium-certus-100    npx perigee sim --help
Or for real:  npx perigee broker    npx perigee sub -t '#' -v    npx perigee pub -t hello -m world -q 1    (three terminals)
`;

/** The sub-command, for the program to add. */
export function tourCommand(): Command {
  return new Command("tour")
    .description("the day of telemetry that npm start runs, and what to try next")
    .helpOption("-h, --help", "show this help")
    .action(() => {
      process.stdout.write(BEFORE);
      // The defaults of `perigee sim` are that day.
      process.exitCode = runSim(simCommand().opts(), process.stdout, process.stderr);
      process.stdout.write(AFTER);
    });
}
