import { expect, test } from "vitest";
import { check } from "../../compiler/index.ts";
import { packageRoot } from "../support/dist.ts";

const codes = (minKernel: readonly [number, number]) =>
  check("test/kernels/programs/ticket.bpf.ts", { cwd: packageRoot, minKernel }).diagnostics.map(
    ({ code }) => code,
  );

test("the result of an atomic operation needs 5.12: for older kernels it is a diagnostic", () => {
  expect(codes([5, 10])).toEqual(["TSB1572"]);
  expect(codes([5, 12])).toEqual([]);
});
