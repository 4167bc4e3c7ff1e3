import { expect, test } from "vitest";
import { textPrinter } from "../../cli/load/printer.ts";
import { coloursFor } from "../../cli/output/tty.ts";

test("what an object brings along does not drive the terminal", () => {
  let printed = "";
  const output = {
    data: (text: string | Uint8Array) => {
      printed += String(text);
    },
    progress: () => {},
    closed: false,
    onClosed: () => {},
  };
  const printer = textPrinter(output, coloursFor({}, { NO_COLOR: "1" }));
  const file = "a\u001b[2J.bpf.ts";
  printer.log({
    level: "info",
    text: "one\u001b]0;evil\u0007\nerror: two",
    file,
    line: 1,
    column: 1,
    cpu: 0,
    timeNs: 0n,
  });
  printer.record("events", { "na\u001bme": "va\nlue\u009b" });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(printed.split("\n")).toHaveLength(3);
});
