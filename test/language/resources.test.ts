import { expect, test } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { checkSnippet, loadSnippet, runTc } from "./support/snippet.ts";

/** What a ring buffer holds is read through a second program: how many bytes wait in it. */
const waiting = "export let pending: u64 = 0n;\n";

async function pendingAfter(body: string, packets: readonly number[]): Promise<unknown> {
  using app = await loadSnippet(`${waiting}
import { RingBufferQuery } from "tsbpf/stdlib";
interface Event { kind: u32; length: u32 }
export const events = new RingBuffer<Event>({ maxEntries: 4096 });
function worth(length: u32): boolean { return length > 100; }
export const run = tc((packet) => {
  ${body}
});
export const look = tc(() => { pending = events.query(RingBufferQuery.AVAIL_DATA); return TcAction.OK; });
`);
  for (const length of packets) runTc(app, "run", new Uint8Array(length));
  runTc(app, "look");
  return app.globals.pending;
}

describeKernel(
  "reservations",
  () => {
    // A record of 8 bytes and its header of 8.
    test("a submitted record stays, a discarded one is consumed as nothing", async () => {
      expect(
        await pendingAfter(
          "using e = events.reserve(); if (!e) return TcAction.OK; e.record.kind = 1; e.record.length = packet.len; e.submit(); return TcAction.OK;",
          [64, 65],
        ),
      ).toBe(32n);
    });
    test("every way out of the scope gives back what was not submitted", async () => {
      const body = `
      for (const i of range(3)) {
        using e = events.reserve();
        if (!e) break;
        if (i === 1) continue;
        e.record.kind = i;
        if (packet.len > 500) return TcAction.SHOT;
        if (worth(packet.len)) { e.submit(); } else { e.discard(); }
      }
      return TcAction.OK;`;
      // Discarded records take room until a reader passes them: what counts is that the buffer never gets stuck.
      expect(await pendingAfter(body, [64, 200, 600])).toBe(16n * 7n);
    });
    test("output copies a value", async () => {
      expect(
        await pendingAfter(
          "events.output({ kind: 7, length: packet.len }); const e: Event = { kind: 1, length: 2 }; events.output(e); return TcAction.OK;",
          [64],
        ),
      ).toBe(32n);
    });
  },
  "clang",
);

describeKernel(
  "packets",
  () => {
    const headers =
      "interface Eth { target: FixedArray<u8, 6>; source: FixedArray<u8, 6>; type: be16 }\ninterface Ports { source: be16; target: be16 }\nexport let result: u32 = 0;";
    test("headers are read and written in place", async () => {
      using app = await loadSnippet(
        `${headers}
export const run = tc((packet) => {
  const eth = packet.header<Eth>(0);
  if (!eth) return TcAction.SHOT;
  result = ntohs(eth.type);
  const [first] = [0];
  eth.source[5] = 9;
  for (const byte of eth.target) result += byte;
  return TcAction.OK;
});`.replace("  const [first] = [0];\n", ""),
      );
      const data = new Uint8Array(64);
      data.set([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0x08, 0x06]);
      const { data: after } = app.program("run").run({ data });
      expect(app.globals.result).toBe(0x0806 + 21);
      expect(after?.[11]).toBe(9);
    });
    test("computed offsets are bounded, what does not fit is undefined", async () => {
      using app = await loadSnippet(`${headers}
export const run = tc((packet) => {
  const first = packet.header<FixedArray<u8, 1>>(0);
  if (!first) return TcAction.OK;
  const ports = packet.header<Ports>(u32(first[0]) * 4);
  result = ports ? ntohs(ports.target) : 1_000_000;
  const copy = packet.load<Ports>(12);
  if (copy) result += ntohs(copy.source);
  return TcAction.OK;
});`);
      const data = new Uint8Array(64);
      data.set([5], 0);
      data.set([0, 1, 0, 200], 20);
      data.set([0, 7], 12);
      runTc(app, "run", data);
      expect(app.globals.result).toBe(207);
      data[0] = 40;
      runTc(app, "run", data);
      expect(app.globals.result).toBe(1_000_007);
    });
    test("a packet is pulled, changed and read again, through functions too", async () => {
      using app = await loadSnippet(`${headers}
function kind(eth: Readonly<Eth>): u32 { return ntohs(eth.type); }
function grow(packet: TcContext): boolean { return packet.changeTail(packet.len + 10) === 0; }
export const run = tc((packet) => {
  let eth = packet.header<Eth>(0);
  if (!eth) return TcAction.SHOT;
  const before = kind(eth);
  if (!grow(packet)) return TcAction.SHOT;
  eth = packet.header<Eth>(0);
  if (!eth) return TcAction.SHOT;
  result = before + kind(eth) + packet.len;
  return TcAction.OK;
});`);
      const data = new Uint8Array(64);
      data.set([0x08, 0x00], 12);
      expect(runTc(app, "run", data)).toBe(0);
      expect(app.globals.result).toBe(0x1000 + 74);
    });
    test("fields of the context are read and written", async () => {
      using app = await loadSnippet(`${headers}
export const run = tc((packet) => {
  packet.mark = packet.len + 1;
  packet.mark += 5;
  packet.cb[2] = packet.mark * 2;
  const cb = packet.cb;
  result = cb[2] + packet.cb[0];
  return packet.mark > 100 ? TcAction.SHOT : TcAction.OK;
});`);
      expect(runTc(app, "run", new Uint8Array(64))).toBe(0);
      expect(app.globals.result).toBe(140);
      expect(runTc(app, "run", new Uint8Array(120))).toBe(2);
    });
  },
  "clang",
);

describeKernel(
  "maps and atomics",
  () => {
    test("longest prefix, per-CPU values, flags and errors", async () => {
      using app = await loadSnippet(`
interface Prefix extends LpmKey { address: be32 }
export const routes = new LpmTrie<Prefix, u32>({ maxEntries: 16 });
export const totals = new PerCpuArray<u64>({ maxEntries: 2 });
export const few = new HashMap<u32, u32>({ maxEntries: 2 });
export let result: u32 = 0;
export let errors: i32 = 0;
export const run = tc(() => {
  routes.set({ prefixlen: 8, address: ip4("10.0.0.0") }, 1);
  routes.set({ prefixlen: 24, address: ip4("10.1.2.0") }, 2);
  result = (routes.get({ prefixlen: 32, address: ip4("10.1.2.3") }) ?? 0) * 10 + (routes.get({ prefixlen: 32, address: ip4("10.9.9.9") }) ?? 0);
  const total = totals.ref(1);
  if (total) total.value += 3n;
  few.set(1, 1, MapUpdate.NOEXIST);
  errors = few.set(1, 2, MapUpdate.NOEXIST) + few.delete(9);
  return TcAction.OK;
});`);
      runTc(app);
      expect(app.globals.result).toBe(21);
      expect(app.globals.errors).toBe(-17 - 2);
    });
    test("atomics add to fields of any memory, and give the old value where asked", async () => {
      using app = await loadSnippet(
        `
interface Stats { packets: u64; flags: u32 }
const stats = new ArrayMap<Stats>({ maxEntries: 1 });
const counts = new HashMap<u32, u64>({ maxEntries: 4 });
export let shared: Stats = { packets: 5n, flags: 1 };
export let result: u64 = 0n;
export const run = tc(() => {
  const all = stats.get(0);
  if (!all) return TcAction.OK;
  atomics.add(all, "packets", 2n);
  atomics.add(shared, "packets", 10n);
  const before = atomics.exchange(shared, "packets", 100n);
  const flags = atomics.or(shared, "flags", 6);
  const same = atomics.compareExchange(shared, "packets", 100n, 7n);
  counts.set(1, 1n);
  const count = counts.ref(1);
  if (count) atomics.add(count, "value", 4n);
  result = all.packets + before * 10n + u64(flags) * 1000n + same * 10000n + (counts.get(1) ?? 0n) * 10000000n;
  return TcAction.OK;
});`,
        { minKernel: [5, 12] },
      );
      runTc(app);
      expect(app.globals.result).toBe(2n + 150n + 1000n + 1_000_000n + 50_000_000n);
      expect(app.globals.shared).toEqual({ packets: 7n, flags: 7 });
    });
    test("constants are set before loading, and prune", async () => {
      using app = await loadSnippet(`
interface Settings { limit: u32; on: boolean }
export const settings = constant<Settings>({ limit: 7, on: true });
export const factor = constant<u32>(3);
export let result: u32 = 0;
export const run = tc(() => { if (settings.on) result = settings.limit * factor; return TcAction.OK; });`);
      runTc(app);
      expect(app.globals.result).toBe(21);
    });
  },
  "clang",
);

test("a variable of a loop's body holds nothing of the iteration before", () => {
  const { found } = checkSnippet(`
export const run = tc((packet) => {
  for (const i of range(3)) {
    const bytes = packet.header<FixedArray<u8, 4>>(i * 4);
    if (!bytes) break;
    bytes[1] = 1;
    packet.pullData(20);
  }
  return TcAction.OK;
});
`);
  expect(found).toEqual([]);
});

test("what was given up, and packets that moved", () => {
  const { found } = checkSnippet(`
interface Event { a: u32 }
const events = new RingBuffer<Event>({ maxEntries: 4096 });
interface Ports { source: be16; target: be16 }
function pull(packet: TcContext): void { packet.pullData(40); }
export const run = tc((packet) => {
  const early = packet.header<Ports>(0);
  if (!early) return TcAction.OK;
  for (const i of range(3)) {
    if (early.source === htons(80)) return TcAction.SHOT;
    if (packet.len === i) pull(packet);
  }
  let again = packet.header<Ports>(4);
  if (!again) return TcAction.OK;
  const target = again;
  pull(packet);
  again = packet.header<Ports>(4);
  if (again && again.target === htons(1) && target.target === htons(2)) return TcAction.OK;
  using event = events.reserve();
  if (!event) return TcAction.OK;
  const record = event.record;
  if (packet.len > 100) event.submit();
  record.a = 1;
  event.submit();
  const lost = events.reserve();
  return TcAction.OK;
});
`);
  expect(found).toEqual([
    "TSB1701 10:early.source",
    "TSB1701 18:target.target",
    "TSB1602 23:record.a",
    "TSB1602 24:event.submit()",
    "TSB1601 25:events.reserve()",
  ]);
});
