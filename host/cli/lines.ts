/**
 * The lines of a stream, as the bytes they are: a payload need not be text.
 */
import { Buffer } from "node:buffer";

const LINE_FEED = 0x0a;

/** Every line without its line feed; also the last, if it has none but is not empty. A destroyed stream just ends. */
export async function* readLines(stream: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  /** What has come of a line whose end has not. */
  let parts: Buffer[] = [];
  try {
    for await (const data of stream) {
      const chunk = data as Buffer;
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        parts.push(chunk.subarray(start, end));
        yield parts.length === 1 ? parts[0] : Buffer.concat(parts);
        parts = [];
        start = end + 1;
      }
      if (start < chunk.length) parts.push(chunk.subarray(start));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE") return;
    throw error;
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}
