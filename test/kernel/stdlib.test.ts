// Everything that the stdlib declares, used once in programs made from the tables: what the type checker lets pass, the compiler must compile
// and the running kernel must load.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { build } from "../../compiler/index.ts";
import { helperSince } from "../../compiler/kernel/availability.ts";
import { type ContextField, contexts } from "../../compiler/kernel/contexts.ts";
import {
  contextMethods,
  functions,
  type HelperArgumentShape,
  type HelperUse,
  structMethods,
} from "../../compiler/kernel/helpers.ts";
import { type ProgramKindName, programKinds, type ResultRule } from "../../compiler/kernel/programs.ts";
import { type KernelStructName, kernelStructs } from "../../compiler/kernel/structs.ts";
import { isOlder, type KernelVersion } from "../../compiler/kernel/version.ts";
import { loadObject, open } from "../../runtime/index.ts";
import * as stdlib from "../../stdlib/index.js";
import { describeKernel } from "../support/kernel.ts";

const [major = 0, minor = 0] = release().split(".").map(Number);
const running: KernelVersion = [major, minor];

const folder = mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-stdlib-`));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeKernel(
  "the whole stdlib compiles and loads",
  () => {
    test.each(Object.keys(programKinds) as ProgramKindName[])("%s", async (kind) => {
      const file = join(folder, `${kind}.bpf.ts`);
      writeFileSync(file, programOf(kind));
      const built = await build(file, { minKernel: running });
      expect(built.diagnostics).toEqual([]);
      if (built.object === undefined) throw new Error("no object");
      using app = loadObject(open(built.object, { name: kind }));
      expect(Object.keys(app.programs)).toEqual(["everything"]);
    });
  },
  "clang",
);

/** A program that reads every field, writes the writable ones, and calls everything that its kind may call. */
function programOf(kind: ProgramKindName): string {
  const { context, result } = programKinds[kind];
  const lines: string[] = [];
  for (const field of contexts[context].fields.values()) lines.push(...useField(kind, context, field));
  for (const [name, use] of Object.entries(contextMethods[context]))
    lines.push(...call(kind, `ctx.${name}`, use));
  for (const [name, use] of Object.entries(functions)) lines.push(...call(kind, name, use));
  const body = lines.map((line) => `  ${line}`).join("\n");
  return `import * as lib from "tsbpf/stdlib";
import { ${[...new Set(["u64", "type be32", "ntohs", "ntohl", "htons", "ip4", "ip6", kind.split(".")[0], ...Object.keys(functions), ...enumNames()])].join(", ")} } from "tsbpf/stdlib";
export let sum: u64 = 0n;
export const sockets = new lib.SockHash<u64>({ maxEntries: 4 });
export const indexed = new lib.SockMap({ maxEntries: 4 });
export const everything = ${kind}((ctx) => {
${body}
${answer(result)}
});
`;
}

function enumNames(): string[] {
  return Object.keys(stdlib);
}

function answer(result: ResultRule): string {
  if (result.kind === "void") return "";
  if (result.kind === "boolean") return "  return sum !== 1n;";
  if (result.kind === "length") return "  return 0;";
  const action = { SkAction: "PASS", XdpAction: "PASS", TcAction: "OK", SkbEgressAction: "PASS" }[
    result.name
  ];
  return `  return ${result.name}.${action};`;
}

/** What only some operations of \`sockOps\` have is reached by narrowing. */
const narrowed: Readonly<Record<string, string>> = {
  reply: "RWND_INIT",
  args: "RTT_CB",
  oldState: "STATE_CB",
  newState: "STATE_CB",
};

function useField(kind: ProgramKindName, context: string, field: ContextField): string[] {
  const name = `ctx.${field.name}`;
  if (field.type.kind === "reference") return useSocket(kind, name, field.name, field.type.struct);
  const elements = field.length === undefined ? [name] : [`${name}[0]`, `${name}[${field.length - 1}]`];
  const lines = elements.map((element) => add(element, field.type));
  // The same value: a field of an enum's type takes no other integer.
  if (field.writable) lines.push(...elements.map((element) => `${element} = ${element};`));
  const operation = context === "SockOpsContext" ? narrowed[field.name] : undefined;
  return operation === undefined ? lines : [`if (ctx.op === SockOp.${operation}) {`, ...lines, "}"];
}

function add(
  value: string,
  type: { readonly kind: string; readonly bits?: number; readonly bigEndian?: boolean },
): string {
  const host = type.bigEndian ? `${type.bits === 16 ? "ntohs" : "ntohl"}(${value})` : value;
  return type.bits === 64 ? `sum += ${host};` : `sum += u64(${host});`;
}

function useSocket(
  kind: ProgramKindName,
  value: string,
  name: string,
  struct: KernelStructName,
  depth = 0,
): string[] {
  const variable = `${name}${depth}`;
  const lines: string[] = [`const ${variable} = ${value};`, `if (${variable}) {`];
  for (const [field, { type }] of kernelStructs[struct].fields) {
    if (type.kind === "int") lines.push(add(`${variable}.${field}`, type));
    else if (type.kind === "array" && type.element.kind === "int")
      lines.push(add(`${variable}.${field}[3]`, type.element));
  }
  for (const [method, use] of Object.entries(structMethods[struct])) {
    if (!callable(kind, use) || use.result.kind !== "reference" || depth > 0) continue;
    lines.push(...useSocket(kind, `${variable}.${method}()`, method, use.result.struct, depth + 1));
  }
  return [...lines, "}"];
}

function callable(kind: ProgramKindName, use: HelperUse): boolean {
  const since = helperSince(use.helper, kind);
  return since !== undefined && !isOlder(running, since);
}

function call(kind: ProgramKindName, name: string, use: HelperUse): string[] {
  if (!callable(kind, use)) return [];
  const given: string[] = [];
  for (const shape of use.arguments) give(given, shape);
  const result =
    use.result.kind === "output" ? `${name}<u64>(${given.join(", ")})` : `${name}(${given.join(", ")})`;
  if (use.result.kind === "output") return [`sum += ${result} ?? 0n;`];
  return use.result.kind === "int" ? [add(result, use.result.type)] : [`${result};`];
}

function give(given: string[], shape: HelperArgumentShape): void {
  if (shape.from === "parameter") {
    if (shape.optional) return;
    given[shape.parameter] = shape.type.bigEndian ? "htons(1)" : shape.type.bits === 64 ? "1n" : "1";
  } else if (shape.from === "map") {
    given[shape.parameter] = shape.classes[0] === "SockHash" ? "sockets" : "indexed";
  } else if (shape.from === "key") {
    given[shape.parameter] = given[shape.map] === "sockets" ? "sum" : "1";
  } else if (shape.from === "value") {
    given[shape.parameter] = "sum";
  } else if (shape.from === "bits") {
    given[shape.parameter] = "htons(1)";
  } else if (shape.from === "socketAddress") {
    given[shape.address] = shape.family === 2 ? 'ip4("127.0.0.1")' : 'ip6("::1")';
    given[shape.port] = "htons(0)";
  }
}
