import { expect, test } from "vitest";
import { BpfError, errnoName, errnoText, NotSupportedError, systemFailure } from "../../../runtime/errors.ts";
import { NativeUnavailableError } from "../../../runtime/native.ts";

const system = (number: number, code: string) =>
  Object.assign(new Error("what libbpf says"), { errno: number, code, operation: "map_create" });

test("a refusal names the capability", () => {
  const error = systemFailure("load flows", system(1, "EPERM"), "CAP_BPF and CAP_NET_ADMIN");
  expect(error).toMatchObject({
    name: "BpfError",
    code: "TSB4010",
    errno: 1,
    errnoName: "EPERM",
    operation: "load flows",
  });
  expect(error.message).toBe(
    "load flows: operation not permitted (run as root or with CAP_BPF and CAP_NET_ADMIN; in a container the seccomp profile must allow bpf(2))",
  );
});

test("another errno keeps its name and libbpf's lines", () => {
  const cause = Object.assign(system(12, "ENOMEM"), { log: "libbpf: one\n\nlibbpf: two\n" });
  const error = systemFailure("load flows", cause);
  expect(error.message).toMatch(/^load flows: not enough memory \[ENOMEM\] \(/);
  expect(error.diagnostic.notes).toEqual(["libbpf: one", "libbpf: two"]);
  expect(error.cause).toBe(cause);
});

test("the kernel's own ENOTSUPP has a name", () => {
  expect([errnoName(524), errnoText(524), errnoName(9999)]).toEqual([
    "ENOTSUPP",
    "operation not supported",
    "errno 9999",
  ]);
});

test("a missing addon keeps its remedy", () => {
  const error = systemFailure(
    "load flows",
    new NativeUnavailableError("ENOENT", "the native addon is missing", "run `npm run setup`"),
  );
  expect(error.code).toBe("TSB4011");
  expect(error.message).toBe("load addon: the native addon is missing (run `npm run setup`)");
});

test("what is missing says since when it is there", () => {
  const error = new NotSupportedError("attach program p", { feature: "a tcx link", since: "6.6" });
  expect(error).toMatchObject({
    name: "NotSupportedError",
    feature: "a tcx link",
    since: "6.6",
    code: "TSB4013",
  });
  expect(error).toBeInstanceOf(BpfError);
  expect(error.message).toBe("attach program p: a tcx link is not supported (requires >= 6.6)");
});
