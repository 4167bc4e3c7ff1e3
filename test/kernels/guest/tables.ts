// What the compiler says of kernels, held against this one: which has which map, program kind, helper and field.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { helperSince } from "../../../compiler/kernel/availability.ts";
import { contexts } from "../../../compiler/kernel/contexts.ts";
import { mapClasses } from "../../../compiler/kernel/maps.ts";
import { type ProgramKindName, programKinds } from "../../../compiler/kernel/programs.ts";
import { isOlder, type KernelVersion } from "../../../compiler/kernel/version.ts";
import { probeFeatures } from "../../../runtime/index.ts";
import {
  differingPacketMoves,
  elements,
  kindsWithPacket,
  mayAccess,
  mayCall,
  refusal,
  usedHelpers,
} from "../../support/verifier.ts";
import { running } from "./guest.ts";

const kinds = Object.keys(programKinds) as ProgramKindName[];
const expected = (since: KernelVersion | undefined) => since !== undefined && !isOlder(running, since);
const spoken = (since: KernelVersion | undefined) => (since === undefined ? "never" : since.join("."));

describe("the compiler's tables", () => {
  for (const kind of kinds) {
    test(`${kind}: the kind itself`, () => {
      const returnOne = [{ code: 0xb7, immediate: 1 }, { code: 0x95 }];
      assert.equal(refusal(kind, returnOne) === undefined, expected(programKinds[kind].since));
    });

    test(`${kind}: helpers`, () => {
      const differing: string[] = [];
      for (const helper of usedHelpers) {
        const since = helperSince(helper, kind);
        if (mayCall(kind, helper) !== expected(since)) differing.push(`${helper}: ${spoken(since)}`);
      }
      assert.deepEqual(differing, []);
    });

    test(`${kind}: fields of the context`, () => {
      const context = contexts[programKinds[kind].context];
      const fields = [...context.fields.values()];
      const differing: string[] = [];
      for (const field of fields) {
        for (const [offset, size] of elements(context.struct, field)) {
          if (mayAccess(kind, "load", offset, size) !== expected(field.since ?? [5, 10])) {
            differing.push(`${field.name} at ${offset}: since ${spoken(field.since ?? [5, 10])}`);
          }
          if (field.writable && expected(field.since ?? [5, 10]) && !mayAccess(kind, "store", offset, size)) {
            differing.push(`${field.name} at ${offset}: cannot be written`);
          }
        }
      }
      assert.deepEqual(differing, []);
    });
  }

  for (const kind of kindsWithPacket) {
    test(`${kind}: what moves the packet`, () => assert.deepEqual(differingPacketMoves(kind, running), []));
  }

  test("the runtime's features", () => {
    const differing: string[] = [];
    for (const { name, since, answer } of probeFeatures()) {
      const version = since?.split(".").map(Number) as [number, number] | undefined;
      if ((answer === "yes") !== expected(version ?? [5, 10])) differing.push(`${name}: ${since} ${answer}`);
    }
    assert.deepEqual(differing, []);
  });

  test("every map class is among the runtime's features, with the same version", () => {
    const known = new Map(probeFeatures().map(({ name, since }) => [name as string, since]));
    for (const { type, since } of Object.values(mapClasses)) {
      assert.equal(known.get(`map:${type}`), spoken(since), type);
    }
  });
});
