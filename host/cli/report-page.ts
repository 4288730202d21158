/** What every report of the command line has: the page, the version, the command that it came of. */
import type { Command } from "commander";

declare const PERIGEE_VERSION: string;

export const VERSION = typeof PERIGEE_VERSION === "string" ? PERIGEE_VERSION : "of the sources";

/** Beside the program, or, where this is not the program, in build/. */
export const PAGE = new URL(
  import.meta.url.endsWith(".ts") ? "../../build/report.html" : "report.html",
  import.meta.url,
);

/** The command that these flags of `command` came from, without those that are as they would be anyway. */
export function commandOf(command: Command, flags: object): string {
  const given = command.options.flatMap(option => {
    const name = option.attributeName();
    const value = (flags as Record<string, unknown>)[name];
    const isSilent = value === undefined || value === option.defaultValue || ["json", "csv", "quiet"].includes(name);
    return isSilent ? [] : [option.long ?? "", ...(value === true ? [] : [quoted(String(value))])];
  });
  return ["perigee", command.name(), ...given].join(" ");
}

/** A word of a shell. */
function quoted(text: string): string {
  return /^[\w.,:/%+=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
