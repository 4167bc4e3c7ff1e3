import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diagnose } from "../../cli/doctor/check.ts";
import { summarise } from "../../cli/doctor/kernel-features.ts";
import { renderJson, renderText } from "../../cli/doctor/render.ts";
import { missingCapabilities } from "../../cli/doctor/system.ts";
import { exitCodeFor } from "../../cli/exit-code.ts";
import { toJson } from "../../cli/output/json.ts";
import { formatTable } from "../../cli/output/table.ts";
import { coloursFor, wantsColour } from "../../cli/output/tty.ts";
import { WriteError, writeOutput } from "../../cli/output-file.ts";
import { destinations, outputName } from "../../cli/output-path.ts";
import { UsageError } from "../../cli/usage-error.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-output-`));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writing a file", () => {
  test("folders are made, nothing temporary is left", () => {
    writeOutput(join(folder, "a", "b", "x.o"), new Uint8Array([1, 2]));
    expect(readdirSync(join(folder, "a", "b"))).toEqual(["x.o"]);
    expect([...readFileSync(join(folder, "a", "b", "x.o"))]).toEqual([1, 2]);
  });

  test("a symbolic link stays one, and a mode is kept", () => {
    writeFileSync(join(folder, "target"), "old", { mode: 0o600 });
    symlinkSync("target", join(folder, "link"));
    writeOutput(join(folder, "link"), "new");
    expect(readFileSync(join(folder, "target"), "utf8")).toBe("new");
    expect(statSync(join(folder, "target")).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(["link", "target"]);
  });

  test("a full disk is told, and a device is not replaced", () => {
    expect(() => writeOutput("/dev/full", "x")).toThrow(WriteError);
    expect(() => writeOutput("/dev/full", "x")).toThrow("no space left on the device");
    writeOutput("/dev/null", "x");
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test("what was there survives a failure", () => {
    const path = join(folder, "x.o");
    mkdirSync(path);
    expect(() => writeOutput(path, "x")).toThrow(WriteError);
    expect(statSync(path).isDirectory()).toBe(true);
    expect(() => writeOutput(join(folder, "x.o", "y".repeat(300)), "x")).toThrow("too long");
    writeFileSync(join(folder, "file"), "");
    expect(() => writeOutput(join(folder, "file", "x.o"), "x")).toThrow("not a directory");
    expect(existsSync(join(folder, "file"))).toBe(true);
    expect(() => writeOutput("/proc/tsbpf/deep/x.o", "x")).toThrow("no file can be made there");
  });
});

describe("where results go", () => {
  test("beside the source, by default", () => {
    expect(outputName("a/flows.bpf.ts", "object")).toBe("flows.bpf.o");
    expect(destinations(["a/x.bpf.ts"], undefined, "object", "/w")).toEqual([{ path: "/w/a/x.bpf.o" }]);
    expect(destinations(["a/x.bpf.ts"], undefined, "c", "/w")).toEqual([{ stdout: true }]);
  });

  test("into a folder where there are several, or one is meant", () => {
    expect(destinations(["x.bpf.ts", "y.bpf.ts"], "out", "ir", "/w")).toEqual([
      { path: "/w/out/x.bpf.ir" },
      { path: "/w/out/y.bpf.ir" },
    ]);
    expect(destinations(["x.bpf.ts"], "out/", "object", "/w")).toEqual([{ path: "/w/out/x.bpf.o" }]);
    expect(destinations(["x.bpf.ts"], folder, "object", "/w")).toEqual([{ path: join(folder, "x.bpf.o") }]);
    expect(destinations(["x.bpf.ts"], "one.o", "object", "/w")).toEqual([{ path: "/w/one.o" }]);
  });

  test("never two to one place, nor over a source", () => {
    expect(() => destinations(["a/x.bpf.ts", "b/x.bpf.ts"], "out", "object", "/w")).toThrow(UsageError);
    expect(() => destinations(["x.bpf.ts"], "x.bpf.ts", "c", "/w")).toThrow("is the source");
    expect(() => destinations(["x.bpf.ts", "y.bpf.ts"], "-", "object", "/w")).toThrow("stdout");
  });
});

describe("exit codes", () => {
  const of = (code: string, severity: "error" | "warning" = "error"): Diagnostic => ({
    code,
    severity,
    message: "",
  });

  test("the program's mistakes win over the machine's, and warnings are no failure", () => {
    expect(exitCodeFor([])).toBe(0);
    expect(exitCodeFor([of("TSB1301", "warning")])).toBe(0);
    expect(exitCodeFor([of("TSB3001")])).toBe(3);
    expect(exitCodeFor([of("TSB4010"), of("TSB1001")])).toBe(1);
    expect(exitCodeFor([of("TS2345")])).toBe(1);
  });
});

describe("formats", () => {
  test("tables align by what is seen", () => {
    const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
    expect(
      formatTable(
        [{ title: "NAME" }, { title: "N", align: "right" }],
        [
          [red("ab"), "1"],
          ["abcdef", "1000"],
        ],
      ),
    ).toBe(`NAME       N\n${red("ab")}         1\nabcdef  1000`);
  });

  test("JSON keeps 64 bits and bytes", () => {
    const value = {
      big: 2n ** 64n - 1n,
      bytes: new Uint8Array([1, 255]),
      many: new BigUint64Array([1n]),
      map: new Map([["a", 1]]),
    };
    expect(JSON.parse(toJson(value))).toEqual({
      big: "18446744073709551615",
      bytes: "01ff",
      many: ["1"],
      map: { a: 1 },
    });
    expect(toJson({ typed: new Uint16Array([1, 2]) })).toBe('{"typed":[1,2]}');
  });

  test("colours follow the terminal and the two variables", () => {
    expect(wantsColour({ isTTY: true }, {})).toBe(true);
    expect(wantsColour({}, {})).toBe(false);
    expect(wantsColour({ isTTY: true }, { TERM: "dumb" })).toBe(false);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: "" })).toBe(true);
    expect(wantsColour({}, { FORCE_COLOR: "1" })).toBe(true);
    expect(wantsColour({ isTTY: true }, { FORCE_COLOR: "0" })).toBe(false);
  });
});

describe("doctor", () => {
  const categories = [
    {
      name: "system",
      checks: [
        { id: "kernel", title: "Linux kernel", run: () => ({ status: "ok" as const, detail: "6.18" }) },
        {
          id: "bpffs",
          title: "BPF file system",
          run: () => ({
            status: "warning" as const,
            detail: "not mounted",
            hint: "mount -t bpf bpf /sys/fs/bpf",
            code: "TSB4050",
          }),
        },
        { id: "addon", title: "native addon", run: () => Promise.reject(new Error("cannot be loaded")) },
      ],
    },
  ];

  test("for people", async () => {
    expect(renderText(await diagnose(categories), coloursFor({}, {}))).toBe(
      [
        "system",
        "------",
        "√ Linux kernel: 6.18",
        "‼ BPF file system: not mounted",
        "    mount -t bpf bpf /sys/fs/bpf",
        "    see: tsbpf explain TSB4050",
        "× native addon: cannot be loaded",
        "",
        "× 1 ok, 1 warning, 1 failed",
        "",
      ].join("\n"),
    );
  });

  test("for programs", async () => {
    expect(JSON.parse(renderJson(await diagnose(categories)))).toMatchObject({
      version: 1,
      ok: false,
      categories: [
        {
          name: "system",
          checks: [{ id: "kernel", status: "ok" }, { code: "TSB4050" }, { status: "error" }],
        },
      ],
    });
  });

  test("features that are missing are named, with the kernel that has them", () => {
    const feature = (answer: "yes" | "no" | "unknown") => ({
      name: "link:tcx" as const,
      title: "tcx links",
      since: "6.6",
      answer,
    });
    const missing = { status: "warning" as const, hint: "attached without" };
    expect(summarise([feature("yes"), feature("yes")], missing)).toEqual({
      status: "ok",
      detail: "all 2 that this version uses",
    });
    expect(summarise([feature("yes"), feature("no")], missing)).toMatchObject({
      status: "warning",
      detail: "without tcx links (Linux 6.6)",
    });
    expect(summarise([feature("unknown")], missing)).toMatchObject({ status: "warning", code: "TSB4010" });
  });

  test("capabilities, whichever way they are granted", () => {
    expect(missingCapabilities("CapEff:\t000001ffffffffff\n")).toEqual([]);
    expect(missingCapabilities("CapEff:\t0000000000000000\n")).toEqual([
      "CAP_BPF",
      "CAP_PERFMON",
      "CAP_NET_ADMIN",
    ]);
    expect(missingCapabilities("CapEff:\t0000000000200000\n")).toEqual(["CAP_NET_ADMIN"]);
    expect(missingCapabilities("CapEff:\t000000c000001000\n")).toEqual([]);
  });
});
