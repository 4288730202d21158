/**
 * The lines of a stream, as the bytes they are: a payload need not be text.
 */
import { Buffer } from "node:buffer";

const LINE_FEED = 0x0a;

/**
 * Every line without its line feed; also the last, if it has none but is not empty. A destroyed stream just ends. Of a line that
 * grows beyond `sizeMax` bytes the stream ends with what has come of it: its end may be far, and it cannot be sent.
 */
export async function* readLines(stream: NodeJS.ReadableStream, sizeMax: number): AsyncGenerator<Buffer> {
  /** What has come of a line whose end has not, and its bytes. */
  let parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const data of stream) {
      const chunk = data as Buffer;
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        parts.push(chunk.subarray(start, end));
        yield parts.length === 1 ? parts[0] : Buffer.concat(parts);
        parts = [];
        size = 0;
        start = end + 1;
      }
      if (start < chunk.length) parts.push(chunk.subarray(start));
      size += chunk.length - start;
      if (size > sizeMax) break;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE") return;
    throw error;
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}
