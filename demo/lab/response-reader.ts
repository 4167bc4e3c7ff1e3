/** What the reader hands over for each response that is complete. */
export interface Response {
  readonly status: number;
  readonly bodyBytes: number;
}

const HEADER_END = Buffer.from("\r\n\r\n");

/**
 * Finds the ends of HTTP/1.1 responses with a Content-Length in a stream, at the cost of looking at headers only. Not a general client:
 * a response without a length is an error.
 */
export class ResponseReader {
  readonly #onBody: ((chunk: Buffer) => void) | undefined;
  #head: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #status = 0;
  #length = 0;
  #missing = 0;
  #inBody = false;

  constructor(onBody?: (chunk: Buffer) => void) {
    this.#onBody = onBody;
  }

  /** Takes what has arrived. Returns the response it completed; a client that does not pipeline has at most one. */
  push(chunk: Buffer): Response | undefined {
    let rest = chunk;
    if (!this.#inBody) {
      const head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
      const end = head.indexOf(HEADER_END);
      if (end === -1) {
        if (head.length > 65_536) throw new Error("response header of more than 64 KiB");
        this.#head = head;
        return undefined;
      }
      this.#startBody(head.toString("latin1", 0, end));
      this.#head = Buffer.alloc(0);
      rest = head.subarray(end + HEADER_END.length);
    }
    if (rest.length > this.#missing) throw new Error("bytes after the end of a response");
    if (rest.length > 0) this.#onBody?.(rest);
    this.#missing -= rest.length;
    if (this.#missing > 0) return undefined;
    this.#inBody = false;
    return { status: this.#status, bodyBytes: this.#length };
  }

  #startBody(header: string): void {
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(header);
    const length = /^content-length:\s*(\d+)\s*$/im.exec(header);
    if (!status) throw new Error(`not an HTTP response: ${header.slice(0, 40)}`);
    if (!length) throw new Error("response without Content-Length");
    this.#status = Number(status[1]);
    this.#length = this.#missing = Number(length[1]);
    this.#inBody = true;
  }
}
