import { expect, test } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { compareSources } from "./generate/run.ts";

// What random programs found, made small: each is compared like them.

const cases: Readonly<Record<string, string>> = {
  // clang added the offset to an aligned base by `|`, which the verifier prohibits on pointers.
  "an element of an array on the stack by a masked index": `
    const wide: Wide = {
      flag: packet.mark === 7, x: 3, y: -5n, pair: { a: 1, b: 0 }, list: [toI16(g0), -1, toI16(packet.priority), 40],
      z: -8, port: htons(80), address: htonl(1), total: 9n,
    };
    mix(toU64(twist(wide, toI16(packet.mark))));
    mix(toU64(wide.list[g2 & 3]!));
    mix(toU64(wide.pair.b) + wide.total);
    switch ((toU32(wide.list[g0 & 3]!) ^ packet.mark) % 5) {
      case 0: {
        const entry = table.get({ a: toU8(numbers[packet.mark & 3]! & 1), b: 0 });
        if (entry) atomics.add(entry, "total", toU64(wide.z));
      }
      default: {
        wide.port = htons(toU16(numbers[1]));
      }
    }
    mix(toU64(ntohs(wide.port)));
  `,
  // clang compared without sign with each side of a signed minimum.
  "a signed minimum without its sign, compared in a loop": `
    const low = toI32(toI8(packet.mark));
    const limit = toU32(g3 < low ? g3 : low);
    for (let i: u32 = 0; i < 40; i++) {
      if (i < limit) mix(toU64(i) + 1n);
    }
    for (const i of range(toU32(min(g3, low)), { max: 3 })) mix(toU64(i));
  `,
  // The counter's own address went to the helper, and with it what the verifier knew of the counter.
  "a loop's counter as the value of a map": `
    for (let i: u32 = 0; i < 2; i++) {
      switch (packet.mark % 5) {
        case 0:
          mix(1n);
          break;
        default:
          mix(2n);
      }
      mix(toU64(networks.set({ prefixlen: 16, bits: htonl(g0) }, i)));
    }
  `,
};

describeKernel(
  "programs that once went wrong",
  () => {
    test.each(Object.entries(cases))("%s", async (_name, body) => {
      const source = `export const p0 = tc((packet) => {\n${body}\n  return TcAction.OK;\n});\n`;
      expect(await compareSources([source])).toBeUndefined();
    });
  },
  "clang",
);
