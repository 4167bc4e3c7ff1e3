import { expect, test } from "vitest";
import { type Collection, ip4, load } from "../../runtime/index.ts";
import { type SimulatedCollection, simulate } from "../../simulator/index.ts";
import { TcAction, XdpAction } from "../../stdlib/index.js";
import { describeKernel } from "../support/kernel.ts";

// One test, two executions: what is expected of an example holds in the kernel and in the simulator.

interface Run {
  readonly packet: Uint8Array;
}

/** A program in one of the two, with its maps. */
interface Execution extends Disposable {
  /** What the program gives for a frame; programs of cgroups see it without its link layer. */
  run(program: string, input: Run): number;
  entries(map: string): unknown[];
  set(map: string, key: unknown, value: unknown): void;
}

interface Entries {
  entries(): Iterable<unknown>;
  set(key: unknown, value: unknown): unknown;
}

function entriesOf(map: unknown): Entries {
  if (typeof map === "object" && map !== null && "entries" in map && "set" in map) return map as Entries;
  throw new Error("this map has no entries");
}

async function inKernel(file: string): Promise<Execution> {
  const app: Collection = await load(file);
  return {
    run: (program, { packet }) => app.program(program).run({ data: packet }).result,
    entries: (map) => [...entriesOf(app.map(map)).entries()],
    set: (map, key, value) => entriesOf(app.map(map)).set(key, value),
    [Symbol.dispose]: () => app.close(),
  };
}

async function inSimulator(file: string): Promise<Execution> {
  const app: SimulatedCollection = simulate(file);
  return {
    run(name, { packet }) {
      const program = app.program(name);
      const bytes = program.kind.startsWith("cgroup.") ? packet.subarray(14) : packet;
      return program.run({ packet: bytes }).returnValue;
    },
    entries: (map) => [...entriesOf(app.map(map)).entries()],
    set: (map, key, value) => entriesOf(app.map(map)).set(key, value),
    [Symbol.dispose]: () => app.close(),
  };
}

/** An Ethernet frame of an IPv4 packet. */
function ipv4(source: string, protocol: number, length = 64): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, length - 14);
  view.setUint8(22, 64);
  view.setUint8(23, protocol);
  view.setUint32(26, ip4(source));
  return bytes;
}

function ipv6(nextHeader: number): Uint8Array {
  const bytes = new Uint8Array(80);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 0x86dd);
  view.setUint8(14, 0x60);
  view.setUint8(20, nextHeader);
  return bytes;
}

const executions = [
  ["kernel", inKernel],
  ["simulator", inSimulator],
] as const;

describeKernel(
  "an example does the same in both executions",
  () => {
    test.each(executions)("firewall in the %s", async (_where, start) => {
      using app = await start("programs/examples/firewall.bpf.ts");
      app.set("rules", { prefixlen: 8, address: ip4("10.0.0.0") }, { deny: true, packets: 0n });
      app.set("rules", { prefixlen: 30, address: ip4("10.1.2.4") }, { deny: false, packets: 40n });
      const run = (source: string) => app.run("filter", { packet: ipv4(source, 6) });
      expect(["10.9.9.9", "10.1.2.7", "10.1.2.8", "192.0.2.1"].map(run)).toEqual([
        XdpAction.DROP,
        XdpAction.PASS,
        XdpAction.DROP,
        XdpAction.PASS,
      ]);
      expect(app.run("filter", { packet: ipv6(6) })).toBe(XdpAction.PASS);
      expect(app.run("filter", { packet: ipv4("10.0.0.1", 6).slice(0, 20) })).toBe(XdpAction.PASS);
      expect(app.entries("rules")).toHaveLength(2);
      expect(app.entries("rules")).toEqual(
        expect.arrayContaining([
          [
            { prefixlen: 8, address: ip4("10.0.0.0") },
            { deny: true, packets: 2n },
          ],
          [
            { prefixlen: 30, address: ip4("10.1.2.4") },
            { deny: false, packets: 41n },
          ],
        ]),
      );
    });

    test.each(executions)("protocols in the %s", async (_where, start) => {
      using app = await start("programs/examples/protocols.bpf.ts");
      const packets = [ipv4("192.0.2.1", 6), ipv4("192.0.2.1", 17, 100), ipv6(17), new Uint8Array(64)];
      for (const packet of packets) expect(app.run("count", { packet })).toBe(TcAction.OK);
      const counted = app.entries("traffic").filter((entry) => Array.isArray(entry) && entry[1].packets > 0n);
      expect(counted).toEqual([
        [6, { packets: 1n, bytes: 64n }],
        [17, { packets: 2n, bytes: 180n }],
      ]);
    });

    test.each(executions)("packet-sizes in the %s", async (_where, start) => {
      using app = await start("programs/examples/packet-sizes.bpf.ts");
      for (const length of [64, 78, 142, 1000]) app.run("ingress", { packet: ipv4("192.0.2.1", 6, length) });
      app.run("egress", { packet: ipv4("192.0.2.1", 6, 64) });
      const sums = app.entries("sizes").map((entry) => {
        const [direction, values] = entry as [
          number,
          { packets: bigint; bytes: bigint; slots: BigUint64Array }[],
        ];
        const slots = values.reduce<bigint[]>(
          (sum, value) => sum.map((count, slot) => count + (value.slots[slot] ?? 0n)),
          new Array<bigint>(18).fill(0n),
        );
        const packets = values.reduce((sum, value) => sum + value.packets, 0n);
        const bytes = values.reduce((sum, value) => sum + value.bytes, 0n);
        return {
          direction,
          packets,
          bytes,
          used: slots.flatMap((count, slot) => (count > 0n ? [[slot, count]] : [])),
        };
      });
      expect(sums).toEqual([
        {
          direction: 0,
          packets: 4n,
          bytes: 1228n,
          used: [
            [5, 1n],
            [6, 1n],
            [7, 1n],
            [9, 1n],
          ],
        },
        { direction: 1, packets: 1n, bytes: 50n, used: [[5, 1n]] },
      ]);
    });
  },
  "clang",
);
