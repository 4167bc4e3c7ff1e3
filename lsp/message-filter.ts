import { Transform, type TransformCallback } from "node:stream";

/** No editor writes more before a message; what is longer is no header. */
const maxHeaderBytes = 4096;
/** Several times what a source at the compiler's limit takes as JSON. */
const maxBodyBytes = 64 * 1024 * 1024;

/**
 * Passes on whole messages, each under a header of one line, and drops what stands between them and is none. The library's own reader
 * stops at a malformed header until more is sent, though a good message may be behind it already.
 */
export class MessageFilter extends Transform {
  #chunks: Buffer[] = [];
  #length = 0;
  /** With fewer bytes there is nothing to be done. */
  #wanted = 1;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length >= this.#wanted) {
      const rest = this.#passOn(Buffer.concat(this.#chunks));
      this.#chunks = [rest];
      this.#length = rest.length;
    }
    done();
  }

  /** Answers the bytes that are not a whole message yet. */
  #passOn(bytes: Buffer): Buffer {
    let from = 0;
    for (;;) {
      const end = bytes.indexOf("\r\n\r\n", from);
      if (end < 0) {
        const rest = bytes.subarray(bytes.length - from > maxHeaderBytes ? -3 : from);
        this.#wanted = rest.length + 1;
        return rest;
      }
      const body = end + 4;
      const length = contentLength(bytes.toString("latin1", from, end));
      if (length !== undefined && body + length > bytes.length) {
        this.#wanted = body + length - from;
        return bytes.subarray(from);
      }
      from = body + (length ?? 0);
      if (length === undefined) continue;
      this.push(
        Buffer.concat([Buffer.from(`Content-Length: ${length}\r\n\r\n`), bytes.subarray(body, from)]),
      );
    }
  }
}

/** The last one, which is nearest to the body; undefined where there is none that can be. */
function contentLength(header: string): number | undefined {
  const text = [...header.matchAll(/(?:^|\r\n)Content-Length:[ \t]*(\d{1,9})[ \t]*(?=\r\n|$)/gi)].at(-1)?.[1];
  const length = Number(text);
  return text !== undefined && length <= maxBodyBytes ? length : undefined;
}
