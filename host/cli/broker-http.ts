/**
 * `perigee broker --http PORT`: the web client that the build puts beside the program, on a port of its own.
 */
import { readFileSync } from "node:fs";
import { type Broker, type Entrance, type HttpPort, serveHttp } from "../broker/index.ts";

/**
 * Opens the port; rejects with a ListenError. `entrance` is that of the broker's first listener: whoever comes by the web
 * may do what others may. `host` is where to bind; default: this machine only.
 */
export function openHttp(
  broker: Broker,
  entrance: Entrance | undefined,
  port: number,
  host: string | undefined,
  warn: (line: string) => void,
): Promise<HttpPort> {
  let page: string | undefined;
  try {
    page = readFileSync(new URL("./page.html", import.meta.url), "utf8");
  } catch {
    warn("the web client is not there: npm run build makes it");
  }
  return serveHttp(broker, { port, host, page, entrance });
}
