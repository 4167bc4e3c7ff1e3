import { afterEach, expect, test } from "vitest";
import { type Collection, type LogRecord, loadObject, open, type RingBuffer } from "../../runtime/index.ts";
import { compileC, describeKernel } from "../support/kernel.ts";

const loaded: Collection[] = [];
afterEach(() => {
  for (const collection of loaded.splice(0)) collection.close();
});

function loadC(source: string): Collection {
  const collection = loadObject(open(compileC(`#include "bpf.h"\n${source}`), { name: "rings.bpf.o" }));
  loaded.push(collection);
  return collection;
}

/** Each run of `emit` puts one record; its number is the packet's length in bytes. */
const events = `
struct event { __u32 number; __u16 port; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); __type(value, struct event); } events SEC(".maps");
__u64 lost = 0;
SEC("tc") int emit(struct __sk_buff *skb) {
  struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) { __sync_fetch_and_add(&lost, 1); return 1; }
  event->number = skb->len; event->port = 80;
  bpf_ringbuf_submit(event, 0);
  return 0;
}
SEC("tc") int shorter(struct __sk_buff *skb) { __u16 half = 1; bpf_ringbuf_output(&events, &half, sizeof(half), 0); return 0; }`;

interface Event {
  readonly number: number;
  readonly port: number;
}

function emitter(app: Collection): (...numbers: number[]) => void {
  return (...numbers) => {
    for (const number of numbers) app.program("emit").run({ data: new Uint8Array(number) });
  };
}

describeKernel(
  "ring buffers",
  () => {
    test("for await: in order, and leaving the loop closes the reader only", async () => {
      const app = loadC(events);
      const ring = app.map("events") as RingBuffer<Event>;
      const emit = emitter(app);
      emit(64, 65);
      setTimeout(() => emit(66, 67), 10);
      const seen: Event[] = [];
      for await (const event of ring) {
        seen.push(event);
        if (event.number === 67) break;
      }
      expect(seen).toEqual([64, 65, 66, 67].map((number) => ({ number, port: 80 })));
      emit(68);
      for await (const event of ring) {
        expect(event.number).toBe(68);
        break;
      }
    });

    test("on: calls back until closed; pause holds records back in the kernel", async () => {
      const app = loadC(events);
      const ring = app.map("events") as RingBuffer<Event>;
      const emit = emitter(app);
      const seen: number[] = [];
      const subscription = ring.on((event) => seen.push(event.number));
      const until = async (count: number) => {
        while (seen.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
      };
      emit(64);
      await until(1);
      subscription.pause();
      emit(65);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(seen).toEqual([64]);
      subscription.resume();
      await until(2);
      expect(seen).toEqual([64, 65]);
      subscription.close();
      subscription.close();
      emit(66);
      expect(ring.drain()).toEqual([{ number: 66, port: 80 }]);
      expect(ring.drain()).toEqual([]);
    });

    test("a slow loop is felt in the kernel's buffer, where programs see it full", async () => {
      const app = loadC(events);
      const ring = app.map("events") as RingBuffer<Event>;
      const records = ring.records({ highWater: 4 });
      const emit = emitter(app);
      emit(...Array.from({ length: 8 }, (_, index) => 64 + index));
      expect((await records.next()).value).toEqual({ number: 64, port: 80 });
      // 4096 bytes hold 256 records of 16: whatever the loop has taken, it cannot have been all of these.
      for (let index = 0; index < 600; index++) emit(100);
      expect(app.globals.lost).toBeGreaterThan(0n);
      const seen: number[] = [];
      while (seen.length < 7) seen.push((await records.next()).value.number);
      expect(seen).toEqual([65, 66, 67, 68, 69, 70, 71]);
      await records.return?.();
      expect(await records.next()).toEqual({ done: true, value: undefined });
    });

    test("records shorter than their type are counted and passed over", async () => {
      const app = loadC(events);
      const ring = app.map("events") as RingBuffer<Event>;
      const seen: Event[] = [];
      using subscription = ring.on((event) => seen.push(event));
      app.program("shorter").run({ data: new Uint8Array(64) });
      emitter(app)(70);
      while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      expect(seen).toEqual([{ number: 70, port: 80 }]);
      expect(subscription.malformed).toBe(1);
    });

    test("closing the map ends the loops that read it", async () => {
      const app = loadC(events);
      const ring = app.map("events") as RingBuffer<Event>;
      setTimeout(() => app.close(), 10);
      const seen: Event[] = [];
      for await (const event of ring) seen.push(event);
      expect(seen).toEqual([]);
    });

    test("a ring buffer without a type gives bytes", () => {
      const app =
        loadC(`struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } raw SEC(".maps");
        SEC("tc") int emit(struct __sk_buff *skb) { __u32 n = 0x04030201; bpf_ringbuf_output(&raw, &n, sizeof(n), 0); return 0; }`);
      emitter(app)(64);
      expect((app.map("raw") as RingBuffer).drain()).toEqual([new Uint8Array([1, 2, 3, 4])]);
    });

    test("the type may stand beside the map, as the compiler writes it", () => {
      const app = loadC(`struct event { __u64 n; };
        struct event *tsbpf_record_raw SEC(".tsbpf.records");
        struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } raw SEC(".maps");
        SEC("tc") int emit(struct __sk_buff *skb) { __u64 n = 7; bpf_ringbuf_output(&raw, &n, sizeof(n), 0); return 0; }`);
      emitter(app)(64);
      expect((app.map("raw") as RingBuffer).drain()).toEqual([{ n: 7n }]);
    });
  },
  "clang",
);

const metadata = JSON.stringify({
  version: 1,
  compiler: "tsbpf 0.0.0",
  entry: "log.bpf.ts",
  minKernel: [5, 10],
  programs: { say: { kind: "tc", section: "tc" } },
  logs: [
    {
      id: 1,
      level: "warn",
      file: "log.bpf.ts",
      line: 3,
      column: 5,
      parts: ["from ", ":", " ok=", " n=", " is ", "!"],
      arguments: [
        { kind: "int", bits: 32, signed: false, bigEndian: true },
        { kind: "int", bits: 16, signed: false, bigEndian: true },
        { kind: "bool" },
        { kind: "int", bits: 32, signed: true, bigEndian: false },
        { kind: "enum", name: "Color", bits: 32, signed: false, members: [{ name: "Red", value: 5 }] },
      ],
    },
  ],
});

const log = `
asm(".section .tsbpf,\\"\\",@progbits\\n.ascii ${JSON.stringify(metadata).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}\\n.previous");
struct record { __u32 site; __u32 cpu; __u64 time; __u64 arguments[5]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } tsbpf_log SEC(".maps");
__u64 tsbpf_log_lost = 0;
__u64 mine = 1;
SEC("tc") int say(struct __sk_buff *skb) {
  struct record *r = bpf_ringbuf_reserve(&tsbpf_log, sizeof(*r), 0);
  if (!r) { __sync_fetch_and_add(&tsbpf_log_lost, 1); return 1; }
  mine++;
  r->site = skb->len == 64 ? 1 : 99;
  r->cpu = 1; r->time = 123456789012ULL;
  r->arguments[0] = __builtin_bswap32(0x0a000001); r->arguments[1] = __builtin_bswap16(8080);
  r->arguments[2] = 1; r->arguments[3] = (__u64)-5; r->arguments[4] = 5;
  bpf_ringbuf_submit(r, 0);
  return 0;
}`;

describeKernel(
  "console.log of programs",
  () => {
    test("is put into words with its line, and what was lost is counted", () => {
      const app = loadC(log);
      expect(Object.keys(app.maps)).toEqual([]);
      expect(Object.keys(app.globals)).toEqual(["mine"]);
      expect(Object.keys(app.spec.variables)).toEqual(["mine"]);
      const say = (length: number) => app.program("say").run({ data: new Uint8Array(length) });
      say(64);
      say(65);
      const expected: LogRecord = {
        level: "warn",
        file: "log.bpf.ts",
        line: 3,
        column: 5,
        text: "from 10.0.0.1:8080 ok=true n=-5 is Red!",
        timeNs: 123456789012n,
        cpu: 1,
      };
      expect(app.log?.drain()).toEqual([expected]);
      expect(app.log?.malformed).toBe(1);
      expect(app.log?.lost).toBe(0n);
      for (let index = 0; index < 100; index++) say(64);
      expect(app.log?.lost).toBeGreaterThan(0n);
    });

    test("streams", async () => {
      const app = loadC(log);
      setTimeout(() => app.program("say").run({ data: new Uint8Array(64) }), 5);
      for await (const record of app.log ?? []) {
        expect(record.text).toContain("10.0.0.1:8080");
        break;
      }
    });
  },
  "clang",
);
