/**
 * `perigee check`: proofs about the client, the broker, and those of others. A file beside this one a sub-command.
 */
import { Command } from "commander";
import { exploreCommand } from "./check-explore.ts";
import { historyCommand } from "./check-history.ts";
import { hostileCommand } from "./check-hostile.ts";
import { swarmCommand } from "./check-swarm.ts";

/** The command, for the program to add. */
export function checkCommand(): Command {
  return new Command("check")
    .description("look for what breaks a promise: in every state, and under every fault")
    .helpOption("-h, --help", "show this help")
    .addCommand(exploreCommand())
    .addCommand(historyCommand())
    .addCommand(hostileCommand())
    .addCommand(swarmCommand());
}
