import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageFilter } from "../../lsp/message-filter.ts";

function passed(chunks: readonly Uint8Array[]): string {
  const filter = new MessageFilter();
  for (const chunk of chunks) filter.write(Buffer.from(chunk));
  return (filter.read() as Buffer | null)?.toString() ?? "";
}

const message = (body: string): string => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const whole = (text: string): string => passed([Buffer.from(text)]);
const good = message('{"漢":1}');

test("what is no message is dropped, and the message behind it is not", () => {
  expect(whole(good + good)).toBe(good + good);
  for (const garbage of [
    "hello there\r\n\r\n",
    "hello there\r\n",
    "\r\n\r\n\r\n\r\n",
    "Content-Type: text/plain\r\n\r\n",
    "Content-Length: -5\r\n\r\n",
    "Content-Length: 1e3\r\n\r\n",
    "Content-Length: 99999999999999\r\n\r\n",
    "Content-Length: 999999999\r\n\r\n",
    `${"x".repeat(100_000)}\r\n\r\n`,
  ]) {
    expect(whole(garbage + good), garbage.slice(0, 40)).toBe(good);
  }
});

test("other headers are allowed, in any case and order", () => {
  expect(whole(`content-type: x\r\nCONTENT-LENGTH:2 \r\n\r\n{}`)).toBe(message("{}"));
  expect(whole(`Content-Length: 2\r\nContent-Type: x\r\n\r\n{}`)).toBe(message("{}"));
});

test("it does not matter how the bytes arrive", () => {
  const bytes = Buffer.from(`${good}no: header\r\n\r\n${good}${message("")}${good}`);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      expect(passed(chunks)).toBe(good + good + message("") + good);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("an endless header is not kept", () => {
  const chunks = Array.from({ length: 100 }, () => Buffer.alloc(60_000, "x"));
  expect(passed([...chunks, Buffer.from(`\r\n\r\n${good}`)])).toBe(good);
});
