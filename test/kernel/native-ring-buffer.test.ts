import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { type Binding, binding } from "../../runtime/native.ts";
import { compileC, describeKernel } from "../support/kernel.ts";

// Each run of `emit` puts `size` bytes into the ring, the run's number first; `emit_kept` puts one and discards one.
const SOURCE = `
#include "bpf.h"
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
const volatile __u32 size = 8;
__u64 number;
__u64 lost;
SEC("xdp") int emit(struct xdp_md *ctx) {
  __u64 record[32] = {};
  record[0] = __sync_fetch_and_add(&number, 1);
  if (bpf_ringbuf_output(&events, record, size & 255, 0)) __sync_fetch_and_add(&lost, 1);
  return XDP_PASS;
}
SEC("xdp") int emit_kept(struct xdp_md *ctx) {
  __u64 *kept = bpf_ringbuf_reserve(&events, 8, 0);
  if (!kept) return XDP_DROP;
  __u64 *dropped = bpf_ringbuf_reserve(&events, 16, 0);
  *kept = 77;
  bpf_ringbuf_submit(kept, 0);
  if (dropped) bpf_ringbuf_discard(dropped, 0);
  return XDP_PASS;
}
SEC("xdp") int emit_quietly(struct xdp_md *ctx) {
  __u64 value = 5;
  bpf_ringbuf_output(&events, &value, 8, BPF_RB_NO_WAKEUP);
  return XDP_PASS;
}
`;

interface Emitter {
  readonly events: Binding.Descriptor;
  emit(times: number, program?: "emit" | "emit_kept" | "emit_quietly"): void;
  lost(): bigint;
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function makeEmitter(size = 8, ringBytes = 4096): Emitter {
  const native = binding();
  const object = new native.BpfObject(compileC(SOURCE), { name: "ring" });
  object.editMap(".rodata", { initial: new Uint8Array(Uint32Array.of(size).buffer) });
  object.editMap("events", { maxEntries: ringBytes });
  object.load({});
  const events = object.mapDescriptor("events");
  const bss = object.mapDescriptor(".bss");
  const programs = Object.fromEntries(
    object.programs.map(({ name }) => [name, object.programDescriptor(name)] as const),
  );
  object.close();
  cleanups.push(() => {
    for (const descriptor of [events, bss, ...Object.values(programs)]) descriptor.close();
  });
  const data = new Uint8Array(64);
  return {
    events,
    emit(times, program = "emit") {
      for (let i = 0; i < times; i++)
        native.programTestRun(programs[program] as Binding.Descriptor, { data });
    },
    lost() {
      const value = native.mapLookup(bss, new Uint8Array(4), 16) as Uint8Array;
      return new DataView(value.buffer).getBigUint64(8, true);
    },
  };
}

function makeReader(
  map: Binding.Descriptor,
  onRecords: (records: Uint8Array[]) => void,
): Binding.RingBufferReader {
  const native = binding();
  const reader = new native.RingBufferReader(map, onRecords);
  cleanups.push(() => reader.close());
  return reader;
}

const first = (record: Uint8Array) => new DataView(record.buffer, record.byteOffset).getBigUint64(0, true);

/** Waits for something that the event loop brings about. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await sleep(10);
  expect(condition()).toBe(true);
}

describeKernel(
  "native ring buffer reader",
  () => {
    test("records come in order, each with its own bytes", async () => {
      const { events, emit } = makeEmitter(20);
      const seen: Uint8Array[] = [];
      makeReader(events, (records) => seen.push(...records));
      emit(5);
      await until(() => seen.length === 5);
      expect(seen.map(first)).toEqual([0n, 1n, 2n, 3n, 4n]);
      expect(seen.every((record) => record.length === 20)).toBe(true);
      // Visible as 64-bit numbers without a copy.
      expect(seen.every((record) => record.byteOffset % 8 === 0)).toBe(true);
    });

    test("records that were there before the reader are delivered, on the event loop only", async () => {
      const { events, emit } = makeEmitter();
      const seen: bigint[] = [];
      emit(3);
      makeReader(events, (records) => seen.push(...records.map(first)));
      expect(seen).toEqual([]);
      await until(() => seen.length === 3);
    });

    test("a ring that is read many times over loses and repeats nothing", async () => {
      const { events, emit, lost } = makeEmitter(200);
      const seen: bigint[] = [];
      makeReader(events, (records) => seen.push(...records.map(first)));
      // 19 records of 208 bytes fit into one page.
      for (let round = 0; round < 40; round++) {
        emit(15);
        await until(() => seen.length === (round + 1) * 15);
      }
      expect(seen).toEqual(Array.from({ length: 600 }, (_, i) => BigInt(i)));
      expect(lost()).toBe(0n);
    });

    test("more than one callback's worth comes in several", async () => {
      const { events, emit } = makeEmitter(8, 65536);
      const sizes: number[] = [];
      emit(3000);
      makeReader(events, (records) => sizes.push(records.length));
      await until(() => sizes.reduce((sum, size) => sum + size, 0) === 3000);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1024);
    });

    test("a discarded record is passed over", async () => {
      const { events, emit } = makeEmitter();
      const seen: bigint[] = [];
      makeReader(events, (records) => seen.push(...records.map(first)));
      emit(3, "emit_kept");
      await until(() => seen.length === 3);
      expect(seen).toEqual([77n, 77n, 77n]);
    });

    test("a paused reader leaves records in the kernel, a resumed one takes them", async () => {
      const { events, emit, lost } = makeEmitter(200);
      const seen: bigint[] = [];
      const reader = makeReader(events, (records) => seen.push(...records.map(first)));
      reader.pause();
      reader.pause();
      emit(30);
      await sleep(50);
      expect(seen).toEqual([]);
      // One page has room for 19: the kernel feels the slow consumer.
      expect(lost()).toBe(11n);
      reader.resume();
      reader.resume();
      expect(seen).toEqual([]);
      await until(() => seen.length === 19);
      emit(1);
      await until(() => seen.length === 20);
      expect(seen.at(-1)).toBe(30n);
    });

    test("a reader that pauses itself in the callback gets no more", async () => {
      const { events, emit } = makeEmitter();
      const seen: bigint[] = [];
      const reader = makeReader(events, (records) => {
        seen.push(...records.map(first));
        reader.pause();
      });
      emit(1);
      await until(() => seen.length === 1);
      emit(4);
      await sleep(50);
      expect(seen.length).toBe(1);
      reader.resume();
      await until(() => seen.length === 5);
    });

    test("consume takes what is there at once", () => {
      const { events, emit } = makeEmitter();
      const seen: bigint[] = [];
      const reader = makeReader(events, (records) => seen.push(...records.map(first)));
      expect(reader.consume()).toBe(0);
      emit(4);
      expect(reader.consume()).toBe(4);
      expect(seen.length).toBe(4);
      reader.pause();
      emit(2);
      expect(reader.consume()).toBe(2);
    });

    test("records without a wake-up wait for consume", async () => {
      const { events, emit } = makeEmitter();
      const seen: bigint[] = [];
      const reader = makeReader(events, (records) => seen.push(...records.map(first)));
      await sleep(20);
      emit(2, "emit_quietly");
      await sleep(30);
      expect(reader.consume()).toBe(2);
      expect(seen).toEqual([5n, 5n]);
    });

    test("a callback that throws is an uncaught exception, and the reader goes on", async () => {
      const { events, emit } = makeEmitter();
      const uncaught: unknown[] = [];
      const listeners = process.listeners("uncaughtException");
      process.removeAllListeners("uncaughtException");
      process.on("uncaughtException", (error) => uncaught.push(error));
      try {
        const seen: bigint[] = [];
        makeReader(events, (records) => {
          seen.push(...records.map(first));
          if (seen.length === 1) throw new Error("from the callback");
        });
        emit(1);
        await until(() => uncaught.length === 1);
        expect(uncaught[0]).toMatchObject({ message: "from the callback" });
        emit(1);
        await until(() => seen.length === 2);
      } finally {
        process.removeAllListeners("uncaughtException");
        for (const listener of listeners) process.on("uncaughtException", listener);
      }
    });

    test("what a callback throws within consume comes out of it", () => {
      const { events, emit } = makeEmitter();
      const reader = makeReader(events, () => {
        throw new Error("no");
      });
      emit(1);
      expect(() => reader.consume()).toThrow("no");
      expect(reader.consume()).toBe(0);
    });

    test("a reader may be closed in its callback, and twice, and is closed then", async () => {
      const { events, emit } = makeEmitter();
      let calls = 0;
      const reader = makeReader(events, () => {
        calls++;
        reader.close();
        reader.close();
      });
      emit(2);
      await until(() => calls === 1);
      emit(2);
      await sleep(30);
      expect(calls).toBe(1);
      for (const use of [
        () => reader.pause(),
        () => reader.resume(),
        () => reader.consume(),
        () => reader.ref(),
      ]) {
        expect(use).toThrow(expect.objectContaining({ code: "EBADF" }));
      }
    });

    test("closing within consume ends it", () => {
      const { events, emit } = makeEmitter(8, 65536);
      const reader = makeReader(events, () => reader.close());
      emit(2000);
      expect(reader.consume()).toBe(1024);
    });

    test("the reader does not need the map's descriptor", async () => {
      const { events, emit } = makeEmitter();
      const seen: bigint[] = [];
      makeReader(events, (records) => seen.push(...records.map(first)));
      events.close();
      emit(1);
      await until(() => seen.length === 1);
    });

    test("another kind of map is refused", () => {
      const native = binding();
      const array = native.mapCreate({ type: 2, keySize: 4, valueSize: 4, maxEntries: 1 });
      expect(() => new native.RingBufferReader(array, () => {})).toThrow(
        expect.objectContaining({ code: "EINVAL" }),
      );
      array.close();
      expect(() => new native.RingBufferReader(array, () => {})).toThrow(
        expect.objectContaining({ code: "EBADF" }),
      );
      const { events } = makeEmitter();
      const callback = undefined as unknown as () => void;
      expect(() => new native.RingBufferReader(events, callback)).toThrow(TypeError);
    });

    test("readers leave no descriptor behind", async () => {
      const { readdirSync } = await import("node:fs");
      const { events, emit } = makeEmitter();
      const open = () => readdirSync("/proc/self/fd").length;
      const before = open();
      for (let i = 0; i < 50; i++) {
        const reader = makeReader(events, () => {});
        emit(1);
        reader.close();
      }
      // libuv closes its side on the next turn of the loop.
      await until(() => open() <= before);
    });
  },
  "clang",
);
