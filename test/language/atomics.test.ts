import { expect, test } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { checkSnippet, compute } from "./support/snippet.ts";

const types = `
interface Slots { all: FixedArray<u64, 8>; small: FixedArray<u16, 4> }
const slots = new ArrayMap<Slots>({ maxEntries: 1 });
`;
const inSlots = (statements: string) =>
  `${types}export const run = tc((packet) => {\n  const entry = slots.get(0);\n  if (!entry) return TcAction.OK;\n  ${statements}\n  return TcAction.OK;\n});`;

describeKernel(
  "atomic operations on elements",
  () => {
    test("change the element that the index says, and no other", async () => {
      const result = await compute(
        "u64",
        `const entry = slots.get(0);
         if (entry) {
           atomics.add(entry.all, 3, 5n);
           atomics.add(entry.all, index & 7, 7n);
           const i = index;
           if (i < 8) atomics.add(entry.all, i, 100n);
           result = entry.all[3] * 1000n + entry.all[6] + entry.all[0];
         }`,
        { index: ["u32", 6] },
        types,
      );
      expect(result).toBe(5107n);
    });
  },
  "clang",
);

test("an index must be in range", () => {
  expect(checkSnippet(inSlots("atomics.add(entry.all, packet.mark, 1n);")).found).toEqual([
    "TSB1233 7:packet.mark",
  ]);
  expect(checkSnippet(inSlots("atomics.add(entry.all, 8, 1n);")).found).toEqual([
    expect.stringMatching(/^TSB\d+ 7:8$/),
  ]);
  expect(checkSnippet(inSlots("atomics.add(entry.small, 1, 1);")).found).toEqual(["TSB1570 7:1"]);
});
