/** Wireshark's own words for the packets of a conversation: type by type, property by property. Needs tshark. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { captureOf, type Segment } from "./pcap.ts";

export interface Dissected {
  readonly isFromClient: boolean;
  /** Section 2.1.2. */
  readonly type: number;
  /** Identifier in hexadecimal, then the value; of a user property name and value. In their order. */
  readonly properties: string[];
  readonly willProperties: string[];
}

/** The packets in the order in which they went. */
export function dissect(segments: readonly Segment[]): Dissected[] {
  const file = join(mkdtempSync(join(tmpdir(), "perigee-")), "capture.pcap");
  writeFileSync(file, captureOf(segments));
  const args = ["-r", file, "-d", "tcp.port==1883,mqtt", "-O", "mqtt", "-V"];
  const { status, stdout, stderr } = spawnSync("tshark", args, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`tshark failed: ${stderr}`);
  return read(stdout.split("\n"));
}

/** Reads the tree that tshark prints: the depth of a line is its indent. */
function read(lines: readonly string[]): Dissected[] {
  const packets: Dissected[] = [];
  let isFromClient = false;
  let block: string[] | undefined;
  for (const line of lines) {
    const port = /^Transmission Control Protocol, .*Dst Port: (\d+)/.exec(line)?.[1];
    if (port !== undefined) isFromClient = port === "1883";
    const header = /^ {4}Header Flags: 0x(.)/.exec(line)?.[1];
    if (header !== undefined) {
      packets.push({ isFromClient, type: Number.parseInt(header, 16), properties: [], willProperties: [] });
    }
    if (/^ {0,4}\S/.test(line)) {
      const name = line.trim();
      const packet = packets.at(-1);
      block =
        name === "Properties" ? packet?.properties : name === "Will Properties" ? packet?.willProperties : undefined;
      continue;
    }
    const id = /^ {8}ID: .* \(0x(..)\)$/.exec(line)?.[1];
    const value = /^ {8}(?:Value|Key|Content Type|Topic Alias|QoS): (.*)$/.exec(line)?.[1];
    if (id !== undefined) block?.push(id);
    // A number that has a name stands behind it.
    else if (value !== undefined) block?.push(`${block.pop()} ${value.replace(/^.* \((\d+)\)$/, "$1")}`);
  }
  return packets;
}
