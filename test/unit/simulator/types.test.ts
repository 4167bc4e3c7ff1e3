import { expect, expectTypeOf, test } from "vitest";
import { type SimulatedKeyedMap, type SimulatedRingBuffer, simulate } from "../../../simulator/index.ts";

test("maps, globals, programs and their contexts have the types of the source", () => {
  const app = simulate<typeof import("../../../programs/examples/connection-log.bpf.js")>(
    "programs/examples/connection-log.bpf.ts",
  );
  expectTypeOf(app.maps.closed).toExtend<SimulatedRingBuffer<{ remoteIp4: number; durationNs: bigint }>>();
  expectTypeOf(app.globals.lost).toEqualTypeOf<bigint>();
  const { context, returnValue } = app.programs.log.run({ op: 4, remoteIp4: 7, bytesAcked: 1n });
  expectTypeOf(context.remoteIp4).toEqualTypeOf<number>();
  expectTypeOf(context.bytesAcked).toEqualTypeOf<bigint>();
  expect([context.remoteIp4, context.bytesAcked, returnValue]).toEqual([7, 1n, 1]);
  // @ts-expect-error there is no such field
  expect(() => app.programs.log.run({ port: 1 })).toThrow(expect.objectContaining({ code: "TSB4081" }));
  // @ts-expect-error the field is a bigint
  expect(() => app.programs.log.run({ bytesAcked: 1 })).toThrow(expect.objectContaining({ code: "TSB4030" }));
});

test("keys and values of maps, and array fields of contexts", () => {
  const app = simulate<typeof import("../../../programs/examples/protocols.bpf.js")>(
    "programs/examples/protocols.bpf.ts",
  );
  expectTypeOf(app.maps.traffic).toEqualTypeOf<
    SimulatedKeyedMap<number, { packets: bigint; bytes: bigint }>
  >();
  const cb = new Uint32Array([1, 2, 3, 4, 5]);
  const { context } = app.programs.count.run({ cb, mark: 9, packet: new Uint8Array(60) });
  expectTypeOf(context.cb).toEqualTypeOf<Uint32Array>();
  expect(context).toMatchObject({ cb, mark: 9, len: 60 });
});
