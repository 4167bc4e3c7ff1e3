import { join } from "node:path";
import { expect, test } from "vitest";
import { type Binding, binding } from "../../runtime/native.ts";
import { describeKernel, ensureBpffs } from "../support/kernel.ts";

const SOCKET_FILTER = 1;
const XDP = 6;

/** One 8-byte instruction (Documentation/bpf/standardization/instruction-set.rst). */
function instruction(opcode: number, registers = 0, offset = 0, immediate = 0): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, opcode);
  view.setUint8(1, registers);
  view.setInt16(2, offset, true);
  view.setInt32(4, immediate, true);
  return bytes;
}
const code = (...instructions: Uint8Array[]) => Uint8Array.from(instructions.flatMap((bytes) => [...bytes]));
const returns = (value: number) => code(instruction(0xb7, 0, 0, value), instruction(0x95));

function load(value: number, program: Partial<Binding.RawProgram> = {}): Binding.Descriptor & Disposable {
  const loaded = binding().programLoad({
    type: XDP,
    name: "tsbpf_raw",
    instructions: returns(value),
    ...program,
  });
  return Object.assign(loaded, { [Symbol.dispose]: () => loaded.close() });
}

function errorOf(body: () => unknown): Error & { code?: string; log?: string } {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describeKernel("native programs", () => {
  test("a program from instructions runs and tells about itself", () => {
    const native = binding();
    using program = load(2);
    expect(native.programTestRun(program, { data: new Uint8Array(60), repeat: 3 })).toMatchObject({
      returnValue: 2,
    });
    const info = native.programInfo(program, { instructions: true });
    expect(info).toMatchObject({ type: XDP, name: "tsbpf_raw", mapIds: [], translatedLength: 16 });
    expect(info.tag).toMatch(/^[0-9a-f]{16}$/);
    expect(info.instructions).toHaveLength(16);
    expect(typeof info.runCount).toBe("bigint");
    expect(native.programInfo(program).instructions).toBeUndefined();
  });

  test("runs are counted while statistics are on", () => {
    const native = binding();
    using program = load(1, { type: SOCKET_FILTER });
    const data = new Uint8Array(64);
    const statistics = native.enableStats();
    const before = native.programInfo(program).runCount;
    native.programTestRun(program, { data, repeat: 10 });
    statistics.close();
    const after = native.programInfo(program);
    expect(after.runCount - before).toBe(10n);
    expect(after.runTimeNs).toBeGreaterThan(0n);
  });

  test("a refused program has the verifier's log, and none is asked for otherwise", () => {
    const native = binding();
    // r0 is never written.
    const error = errorOf(() => native.programLoad({ type: XDP, instructions: code(instruction(0x95)) }));
    expect(error).toMatchObject({ code: "EACCES", operation: "prog_load" });
    expect(error.log).toContain("R0 !read_ok");
  });

  test("what is no program is refused", () => {
    const native = binding();
    const refuse = (program: Partial<Binding.RawProgram>) =>
      errorOf(() => native.programLoad({ type: XDP, instructions: returns(0), ...program }));
    expect(refuse({ instructions: new Uint8Array(7) })).toMatchObject({ code: "EINVAL" });
    expect(refuse({ instructions: new Uint8Array(0) })).toMatchObject({ code: expect.stringMatching(/^E/) });
    expect(refuse({ instructions: new Uint8Array(8 * 1_000_001) })).toMatchObject({ code: "E2BIG" });
    expect(refuse({ type: 9999 })).toMatchObject({ code: "EINVAL" });
  });

  test("a test run's buffers are bounded", () => {
    const native = binding();
    using program = load(2);
    expect(
      errorOf(() => native.programTestRun(program, { data: new Uint8Array(60), dataSizeOut: 4_000_000_000 })),
    ).toMatchObject({
      code: "E2BIG",
    });
    expect(
      errorOf(() => native.programTestRun(program, { data: new Uint8Array(60), dataSizeOut: 10 })),
    ).toMatchObject({
      code: "ENOSPC",
    });
    expect(native.programTestRun(program, { data: new Uint8Array(60), dataSizeOut: 60 }).data).toHaveLength(
      60,
    );
  });

  test("a getter that takes the data away cannot make the kernel read freed memory", () => {
    const native = binding();
    using program = load(2);
    const data = new Uint8Array(4096);
    const result = errorOf(() =>
      native.programTestRun(program, {
        data,
        get repeat() {
          structuredClone(data.buffer, { transfer: [data.buffer] });
          return 1;
        },
      }),
    );
    expect(result).toMatchObject({ code: "EINVAL" });
  });

  test("programs, maps and BTF are found by their numbers", () => {
    const native = binding();
    using program = load(2);
    const { id } = native.programInfo(program);
    const found = native.programById(id);
    expect(native.programInfo(found).tag).toBe(native.programInfo(program).tag);
    found.close();
    const ids: number[] = [];
    for (let next = native.nextId("program", 0); next !== undefined; next = native.nextId("program", next))
      ids.push(next);
    expect(ids).toContain(id);
    const map = native.mapCreate({ type: 2, name: "by_id", keySize: 4, valueSize: 4, maxEntries: 1 });
    const again = native.mapById(native.mapInfo(map).id);
    expect(native.mapInfo(again).name).toBe("by_id");
    again.close();
    map.close();
    const vmlinux = native.btfById(native.nextId("btf", 0) ?? 0);
    expect(native.btfData(vmlinux).subarray(0, 2)).toEqual(Uint8Array.of(0x9f, 0xeb));
    vmlinux.close();
    expect(errorOf(() => native.programById(4_294_967_295))).toMatchObject({ code: "ENOENT" });
    expect(() => native.nextId("nonsense" as "map", 0)).toThrow(TypeError);
  });

  test("BTF is loaded, or refused with the kernel's log", () => {
    const native = binding();
    // A header, one type and a name (Documentation/bpf/btf.rst).
    const encode = (...types: number[]) => {
      const strings = [0, ...new TextEncoder().encode("int"), 0];
      const header = Uint32Array.of(0x0001eb9f, 24, 0, types.length * 4, types.length * 4, strings.length);
      return Uint8Array.from([
        ...new Uint8Array(header.buffer),
        ...new Uint8Array(Uint32Array.from(types).buffer),
        ...strings,
      ]);
    };
    const int = encode(1, 0x01000000, 4, 0x01000020);
    const loaded = native.btfLoad(int);
    expect(native.btfData(loaded)).toEqual(int);
    loaded.close();
    // A pointer to a type that is not there.
    expect(errorOf(() => native.btfLoad(encode(0, 0x02000000, 77)))).toMatchObject({
      code: "EINVAL",
      log: expect.stringContaining("77"),
    });
  });

  test("pins are made and found, and know what they are", () => {
    const native = binding();
    using bpffs = ensureBpffs();
    using program = load(2);
    const path = join(bpffs.path, "program");
    native.pin(program, path);
    expect(errorOf(() => native.pin(program, path))).toMatchObject({ code: "EEXIST", operation: "obj_pin" });
    const found = native.getPinned(path);
    expect(native.programInfo(found).id).toBe(native.programInfo(program).id);
    expect(errorOf(() => native.mapInfo(found))).toMatchObject({ code: "EINVAL" });
    expect(errorOf(() => native.mapLookup(found, new Uint8Array(4), 4))).toMatchObject({ code: "EINVAL" });
    found.close();
    expect(errorOf(() => native.getPinned(join(bpffs.path, "nothing")))).toMatchObject({ code: "ENOENT" });
  });

  test("a path is opened as what it is", () => {
    const native = binding();
    const folder = native.openPath("/proc/self/ns");
    expect(folder.fd).toBeGreaterThan(2);
    expect(errorOf(() => native.mapInfo(folder))).toMatchObject({ code: "EINVAL" });
    folder.close();
    expect(errorOf(() => native.openPath("/nonexistent/path"))).toMatchObject({
      code: "ENOENT",
      operation: "open",
    });
    expect(() => native.openPath("/proc\0/self")).toThrow(TypeError);
  });
});
