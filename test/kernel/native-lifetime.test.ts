import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addonPath, compileC, describeKernel, makeTemporary } from "../support/kernel.ts";

// What could go wrong around the end of things: garbage collection, a worker's end, the process's end. Each runs in a process of its own, as a
// mistake here is a crash.

const SOURCE = `
#include "bpf.h"
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");
__u64 lost;
__u64 number;
SEC("xdp") int emit(struct xdp_md *ctx) {
  __u64 value = __sync_fetch_and_add(&number, 1);
  if (bpf_ringbuf_output(&events, &value, 8, 0)) __sync_fetch_and_add(&lost, 1);
  return XDP_PASS;
}
`;

const PRELUDE = `
const native = require(${JSON.stringify(addonPath)});
const { Worker, isMainThread, workerData } = require("node:worker_threads");
const fs = require("node:fs");
const assert = require("node:assert");
const descriptors = () => fs.readdirSync("/proc/self/fd").filter((fd) => {
  try { return /bpf|btf|eventpoll/.test(fs.readlinkSync("/proc/self/fd/" + fd)); } catch { return false; }
}).length;
const array = () => native.mapCreate({ type: 2, keySize: 4, valueSize: 8, maxEntries: 4 });
const ring = () => native.mapCreate({ type: 27, keySize: 0, valueSize: 0, maxEntries: 4096 });
const open = () => {
  const object = new native.BpfObject(fs.readFileSync(process.env.OBJECT), { name: "life" });
  object.load({});
  return object;
};
const turn = () => new Promise((resolve) => setImmediate(resolve));
const until = async (condition) => { for (let i = 0; i < 2000 && !condition(); i++) await new Promise((r) => setTimeout(r, 5)); assert(condition()); };
`;

function runScript(body: string): { status: number | null; signal: string | null; output: string } {
  using folder = makeTemporary("lifetime");
  const object = join(folder.path, "life.bpf.o");
  const script = join(folder.path, "script.cjs");
  writeFileSync(object, compileC(SOURCE));
  writeFileSync(
    script,
    `${PRELUDE}\n(async () => {\n${body}\n})().catch((error) => { console.error(error); process.exit(9); });`,
  );
  const result = spawnSync(process.execPath, ["--expose-gc", script], {
    encoding: "utf8",
    timeout: 25_000,
    env: { ...process.env, OBJECT: object },
  });
  return { status: result.status, signal: result.signal, output: result.stdout + result.stderr };
}

function expectDone(body: string, output = "done\n"): void {
  expect(runScript(`${body}\nconsole.log("done");`)).toEqual({ status: 0, signal: null, output });
}

describeKernel(
  "native lifetimes",
  () => {
    test("what is closed is closed, once, whatever is called on it", () => {
      expectDone(`
        const before = descriptors();
        const map = array();
        const number = map.fd;
        assert(Number.isInteger(number) && !map.closed);
        map.close();
        const other = array();
        assert.strictEqual(other.fd, number);
        map.close();
        assert(map.closed && !other.closed);
        native.mapLookup(other, new Uint8Array(4), 8);
        const uses = [
          () => map.fd, () => native.mapLookup(map, new Uint8Array(4), 8), () => native.mapInfo(map), () => native.mapFreeze(map),
          () => native.mapUpdate(map, new Uint8Array(4), new Uint8Array(8)), () => native.mapDelete(map, new Uint8Array(4)),
          () => native.mapNextKey(map, undefined, 4), () => native.mapLookupBatch(map, undefined, 1, 4, 8),
          () => native.pin(map, "/sys/fs/bpf/never"), () => native.programInfo(map), () => native.linkInfo(map), () => native.btfData(map),
          () => native.linkCreate(map, 1, 37), () => native.programTestRun(map, {}), () => native.programAttach(map, map, 1),
          () => native.xdpAttach(map, 1, 0), () => native.tcAttach(map, 1, "ingress"), () => new native.RingBufferReader(map, () => {}),
          () => native.mapCreate({ type: 12, keySize: 4, valueSize: 4, maxEntries: 1, innerMap: map }),
        ];
        for (const use of uses) assert.throws(use, { code: "EBADF", errno: 9 }, String(use));
        other.close();
        assert.strictEqual(descriptors(), before);
      `);
    });

    test("what is collected is closed", () => {
      expectDone(`
        const before = descriptors();
        for (let i = 0; i < 200; i++) { array(); if (i % 20 === 0) open(); }
        assert(descriptors() > before);
        await until(() => { gc(); return descriptors() === before; });
      `);
    });

    test("an open reader is not collected, a closed one is", () => {
      expectDone(`
        const object = open();
        const emit = object.programDescriptor("emit");
        let seen = 0;
        let collected = 0;
        const registry = new FinalizationRegistry(() => collected++);
        (() => { const reader = new native.RingBufferReader(object.mapDescriptor("events"), (records) => { seen += records.length; }); reader.unref(); registry.register(reader, 1); })();
        for (let i = 0; i < 5; i++) { gc(); await turn(); }
        native.programTestRun(emit, { data: new Uint8Array(64) });
        await until(() => seen === 1);
        assert.strictEqual(collected, 0);
        (() => { const reader = new native.RingBufferReader(object.mapDescriptor("events"), () => {}); registry.register(reader, 2); reader.close(); })();
        await until(() => { gc(); return collected === 1; });
      `);
    });

    test("the process ends while a reader is open, and an unreferenced reader does not hold it", () => {
      expectDone(`
        const object = open();
        const reader = new native.RingBufferReader(object.mapDescriptor("events"), () => {});
        reader.unref();
      `);
      expectDone(`
        const reader = new native.RingBufferReader(ring(), () => {});
        setTimeout(() => process.exit(0), 20);
      `);
      expectDone(`
        const object = open();
        const reader = new native.RingBufferReader(object.mapDescriptor("events"), () => process.exit(0));
        native.programTestRun(object.programDescriptor("emit"), { data: new Uint8Array(64) });
      `);
      expectDone(`
        const paused = new native.RingBufferReader(ring(), () => {});
        paused.pause();
      `);
      const held = runScript(`
        const reader = new native.RingBufferReader(ring(), () => {});
        reader.unref();
        reader.ref();
        setTimeout(() => { console.log("held"); reader.close(); }, 50).unref();
      `);
      expect(held).toEqual({ status: 0, signal: null, output: "held\n" });
    });

    test("workers end with everything open", () => {
      expectDone(`
        if (!isMainThread) return;
        const before = descriptors();
        const body = ${JSON.stringify(`
          const native = require(${JSON.stringify(addonPath)});
          const { parentPort, workerData } = require("node:worker_threads");
          const object = new native.BpfObject(require("node:fs").readFileSync(workerData.object), { name: "life" });
          object.load({});
          const emit = object.programDescriptor("emit");
          const reader = new native.RingBufferReader(object.mapDescriptor("events"), (records) => parentPort.postMessage(records.length));
          globalThis.kept = [object, emit, reader, native.mapCreate({ type: 1, keySize: 4, valueSize: 4, maxEntries: 4 })];
          if (workerData.mode === "busy") setInterval(() => native.programTestRun(emit, { data: new Uint8Array(64), repeat: 100 }), 1);
          else native.programTestRun(emit, { data: new Uint8Array(64) });
          if (workerData.mode === "exit") setTimeout(() => process.exit(0), 20);
          if (workerData.mode === "throw") setTimeout(() => { throw new Error("worker"); }, 20);
          if (workerData.mode === "unref") reader.unref();
        `)};
        for (const mode of ["exit", "terminate", "busy", "throw", "unref", "terminate", "busy"]) {
          const worker = new Worker(body, { eval: true, workerData: { object: process.env.OBJECT, mode } });
          const ended = new Promise((resolve) => worker.once("exit", resolve));
          worker.on("error", (error) => assert.strictEqual(error.message, "worker"));
          await new Promise((resolve) => worker.once("message", resolve));
          if (mode === "terminate" || mode === "busy") await worker.terminate();
          await ended;
        }
        await until(() => descriptors() === before);
      `);
    });

    test("a callback that throws in a worker ends that worker only", () => {
      expectDone(`
        const body = ${JSON.stringify(`
          const native = require(${JSON.stringify(addonPath)});
          const object = new native.BpfObject(require("node:fs").readFileSync(process.env.OBJECT), { name: "life" });
          object.load({});
          const reader = new native.RingBufferReader(object.mapDescriptor("events"), () => { throw new Error("thrown in a worker"); });
          native.programTestRun(object.programDescriptor("emit"), { data: new Uint8Array(64) });
        `)};
        const worker = new Worker(body, { eval: true });
        const [error] = await require("node:events").once(worker, "error");
        assert.strictEqual(error.message, "thrown in a worker");
        array().close();
      `);
    });

    test("libbpf's messages reach the environment that caused them", () => {
      expectDone(`
        const body = ${JSON.stringify(`
          const native = require(${JSON.stringify(addonPath)});
          const { parentPort } = require("node:worker_threads");
          try { new native.BpfObject(new Uint8Array(64), { name: "from_the_worker" }); } catch {}
          parentPort.postMessage(native.takeLog());
        `)};
        const [log] = await require("node:events").once(new Worker(body, { eval: true }), "message");
        assert.match(log, /from_the_worker/);
        assert.strictEqual(native.takeLog(), "");
      `);
    });

    test("no record is lost or stuck while another thread produces them", () => {
      expectDone(`
        const object = open();
        const emit = object.programDescriptor("emit");
        const bss = object.mapDescriptor(".bss");
        const total = 50000;
        let seen = 0, last = -1n;
        const reader = new native.RingBufferReader(object.mapDescriptor("events"), (records) => {
          seen += records.length;
          for (const record of records) {
            const value = new DataView(record.buffer, record.byteOffset).getBigUint64(0, true);
            assert(value > last);
            last = value;
          }
        });
        const body = ${JSON.stringify(`
          const native = require(${JSON.stringify(addonPath)});
          const { workerData } = require("node:worker_threads");
          const emit = native.programById(workerData.id);
          for (let i = 0; i < workerData.total / 1000; i++) native.programTestRun(emit, { data: new Uint8Array(64), repeat: 1000 });
        `)};
        const worker = new Worker(body, { eval: true, workerData: { id: native.programInfo(emit).id, total } });
        await new Promise((resolve) => worker.once("exit", resolve));
        const counters = () => { const bytes = native.mapLookup(bss, new Uint8Array(4), 16); return new BigUint64Array(bytes.buffer); };
        const sum = () => BigInt(seen) + [...counters()].reduce((a, b) => (a < b ? a : b));
        await until(() => sum() === BigInt(total));
        reader.close();
      `);
    });
  },
  "clang",
);
