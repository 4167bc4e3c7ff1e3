// The DSL's declarations and the compiler's tables are written by hand on both sides: here each is held against the other, in both directions.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import type { IntType } from "../../compiler/ir/types.ts";
import { helperKinds } from "../../compiler/kernel/availability.ts";
import { type ContextField, type ContextName, contexts } from "../../compiler/kernel/contexts.ts";
import { contextMethods, functions, type HelperUse, structMethods } from "../../compiler/kernel/helpers.ts";
import { mapClasses, mapFlags } from "../../compiler/kernel/maps.ts";
import { programKinds } from "../../compiler/kernel/programs.ts";
import { type KernelStructName, kernelStructs } from "../../compiler/kernel/structs.ts";
import { attachTypes, helperIds, mapTypes, programTypes } from "../../compiler/kernel/uapi.gen.ts";
import * as stdlibEnums from "../../stdlib/index.js";

const stdlib = join(dirname(fileURLToPath(import.meta.url)), "../../stdlib");
const program = ts.createProgram([join(stdlib, "index.d.ts"), join(stdlib, "kernel.d.ts")], {
  noLib: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  types: [],
});
const checker = program.getTypeChecker();
const index = program.getSourceFile(join(stdlib, "index.d.ts"));
if (index === undefined) throw new Error("no stdlib");
const moduleSymbol = checker.getSymbolAtLocation(index);
if (moduleSymbol === undefined) throw new Error("stdlib is no module");
const exported = new Map(
  checker.getExportsOfModule(moduleSymbol).map((symbol) => [symbol.name, resolve(symbol)]),
);

function resolve(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function named(name: string): ts.Symbol {
  const symbol = exported.get(name);
  if (symbol === undefined) throw new Error(`tsbpf/stdlib does not export ${name}`);
  return symbol;
}

/** `u32`, `enum AddressFamily`, `be32[4]`, `Socket?`: a type in the words of the tables. */
function word(type: ts.Type): string {
  if (type.aliasSymbol?.name === "FixedArray") {
    const [element, length] = type.aliasTypeArguments ?? [];
    return `${element ? word(element) : "?"}[${length?.isNumberLiteral() ? length.value : "?"}]`;
  }
  if (type.flags & ts.TypeFlags.Boolean) return "boolean";
  const alias = type.aliasSymbol;
  if (alias !== undefined) return alias.flags & ts.SymbolFlags.Enum ? `enum ${alias.name}` : alias.name;
  if (type.isUnion()) {
    const present = type.types.filter((member) => !(member.flags & ts.TypeFlags.Undefined));
    const nullable = present.length < type.types.length ? "?" : "";
    const parents = new Set(present.map((member) => enumOf(member)));
    if (parents.size === 1 && !parents.has(undefined)) return `enum ${[...parents][0]}${nullable}`;
    return `${present.map(word).join("|")}${nullable}`;
  }
  const owner = enumOf(type);
  if (owner !== undefined) return `enum ${owner}`;
  return checker.typeToString(type);
}

function enumOf(type: ts.Type): string | undefined {
  if (!(type.flags & ts.TypeFlags.EnumLike)) return undefined;
  const symbol = type.symbol;
  const parent = symbol.declarations?.[0]?.parent;
  return parent !== undefined && ts.isEnumDeclaration(parent) ? parent.name.text : symbol.name;
}

function intWord(type: IntType): string {
  return `${type.bigEndian ? "be" : type.signed ? "i" : "u"}${type.bits}`;
}

function fieldWord(field: ContextField): string {
  if (field.type.kind === "reference") return `${field.type.struct}${field.type.nullable ? "?" : ""}`;
  const scalar = field.enum === undefined ? intWord(field.type) : `enum ${field.enum}`;
  return field.length === undefined ? scalar : `${scalar}[${field.length}]`;
}

/** The properties of an interface, or of every member of a union of interfaces: a property's types are joined. */
function properties(name: string): Map<string, ts.Symbol> {
  const type = checker.getDeclaredTypeOfSymbol(named(name));
  const members = type.isUnion() ? type.types : [type];
  return new Map(
    members.flatMap((member) => member.getProperties().map((property) => [property.name, property])),
  );
}

function callable(symbol: ts.Symbol): ts.Signature | undefined {
  return checker.getTypeOfSymbol(symbol).getCallSignatures()[0];
}

function isReadonly(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (declaration) => (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly) !== 0,
  );
}

/** Every parameter of the DSL reaches the helper, with the type that the table says, and the results agree. */
function expectUse(name: string, signature: ts.Signature, use: HelperUse): void {
  const parameters = signature.getParameters();
  const reached = new Set<number>();
  const typeOf = (position: number) => {
    const parameter = parameters[position];
    if (parameter === undefined) throw new Error(`${name} has no parameter ${position}`);
    reached.add(position);
    const declaration = parameter.valueDeclaration;
    const optional =
      declaration !== undefined && ts.isParameter(declaration) && declaration.questionToken !== undefined;
    return { text: word(checker.getNonNullableType(checker.getTypeOfSymbol(parameter))), optional };
  };
  for (const shape of use.arguments) {
    if (shape.from === "parameter") {
      const { text, optional } = typeOf(shape.parameter);
      // A flag is an enum in the DSL and an integer here.
      if (!text.startsWith("enum "))
        expect(text, `${name}, parameter ${shape.parameter}`).toBe(intWord(shape.type));
      expect(optional, `${name}, parameter ${shape.parameter} optional`).toBe(shape.optional === true);
    } else if (shape.from === "bits") {
      expect(typeOf(shape.parameter).text.split("|").sort(), name).toEqual(["be16", "be32", "u64"]);
    } else if (shape.from === "map") {
      const { text } = typeOf(shape.parameter);
      expect(shape.classes, name).toContain(text.replace(/<.*/, ""));
    } else if (shape.from === "key" || shape.from === "value") {
      typeOf(shape.parameter);
    } else if (shape.from === "socketAddress") {
      expect(typeOf(shape.address).text, name).toBe(shape.family === 2 ? "be32" : "be32[4]");
      expect(typeOf(shape.port).text, name).toBe("be16");
    }
  }
  expect([...reached].sort(), `parameters of ${name}`).toEqual(parameters.map((_, position) => position));
  const result = word(signature.getReturnType());
  if (use.result.kind === "int") {
    expect(result, name).toBe(
      use.result.enum === undefined ? intWord(use.result.type) : `enum ${use.result.enum}`,
    );
  } else if (use.result.kind === "reference") {
    expect(result, name).toBe(`${use.result.struct}?`);
  } else if (use.result.kind === "output") {
    expect(result, name).toBe("T?");
  }
}

describe("contexts", () => {
  for (const context of Object.values(contexts)) {
    test(context.name, () => {
      const declared = properties(context.name);
      const methods = contextMethods[context.name as ContextName];
      const fields = new Set<string>();
      const helpers = new Set<string>();
      for (const [name, property] of declared) {
        const signature = callable(property);
        if (signature === undefined) {
          fields.add(name);
          const field = context.fields.get(name);
          expect(field, `${context.name}.${name} in contexts.ts`).toBeDefined();
          if (field === undefined) continue;
          // `op` is a union of some of its enum's constants in each member of the context.
          expect(word(checker.getTypeOfSymbol(property)), `${context.name}.${name}`).toBe(fieldWord(field));
          expect(!isReadonly(property), `${context.name}.${name} writable`).toBe(field.writable);
        } else if (name !== "header" && name !== "data") {
          helpers.add(name);
          const use = methods[name];
          expect(use, `${context.name}.${name} in helpers.ts`).toBeDefined();
          if (use !== undefined) expectUse(`${context.name}.${name}`, signature, use);
        }
      }
      expect([...context.fields.keys()].sort()).toEqual([...fields].sort());
      expect(Object.keys(methods).sort()).toEqual([...helpers].sort());
      expect(declared.has("header") || declared.has("data")).toBe(context.packet !== undefined);
    });
  }

  test("a packet that may not be written is readonly in the DSL", () => {
    for (const context of Object.values(contexts)) {
      const access = properties(context.name).get(context.name === "SkMsgContext" ? "data" : "header");
      if (access === undefined || context.packet === undefined) continue;
      const result = callable(access)?.getReturnType();
      const readonly = result !== undefined && checker.typeToString(result).startsWith("Readonly<");
      expect(readonly, context.name).toBe(!context.packet.writable);
    }
  });
});

describe("structs", () => {
  for (const name of Object.keys(kernelStructs) as KernelStructName[]) {
    test(name, () => {
      const struct = kernelStructs[name];
      const declared = properties(name);
      const fields: string[] = [];
      const methods: string[] = [];
      for (const [property, symbol] of declared) {
        const signature = callable(symbol);
        if (signature !== undefined) {
          methods.push(property);
          const use = structMethods[name][property];
          expect(use, `${name}.${property} in helpers.ts`).toBeDefined();
          if (use !== undefined) expectUse(`${name}.${property}`, signature, use);
          continue;
        }
        fields.push(property);
        const field = struct.fields.get(property);
        expect(field, `${name}.${property} in structs.ts`).toBeDefined();
        const type = field?.type;
        const element = type?.kind === "array" ? type.element : type;
        if (element?.kind !== "int") throw new Error(`${name}.${property} is no integer`);
        const scalar = struct.enums.has(property) ? `enum ${struct.enums.get(property)}` : intWord(element);
        expect(word(checker.getTypeOfSymbol(symbol)), `${name}.${property}`).toBe(
          type?.kind === "array" ? `${scalar}[${type.length}]` : scalar,
        );
        expect(isReadonly(symbol), `${name}.${property}`).toBe(true);
      }
      expect([...struct.fields.keys()].sort()).toEqual(fields.sort());
      expect(Object.keys(structMethods[name]).sort()).toEqual(methods.sort());
    });
  }
});

describe("functions", () => {
  /** Functions of the stdlib that the language itself gives a meaning. */
  const builtin = [
    ...[
      "u8",
      "u16",
      "u32",
      "u64",
      "i8",
      "i16",
      "i32",
      "i64",
      "zero",
      "struct",
      "constant",
      "range",
      "min",
      "max",
      "clamp",
    ],
    ...["htons", "htonl", "htonll", "ntohs", "ntohl", "ntohll", "ip4", "ip6", "minKernel"],
    ...Object.keys(programKinds).filter((kind) => !kind.includes(".")),
  ];

  test("every other one is a helper, and every helper is one", () => {
    const declared = [...exported.values()].filter((symbol) => symbol.flags & ts.SymbolFlags.Function);
    const helpers = declared.filter((symbol) => !builtin.includes(symbol.name));
    expect(helpers.map((symbol) => symbol.name).sort()).toEqual(Object.keys(functions).sort());
    for (const symbol of helpers) {
      const signature = callable(symbol);
      if (signature === undefined) throw new Error(`${symbol.name} has no signature`);
      expectUse(symbol.name, signature, functions[symbol.name as keyof typeof functions]);
    }
  });

  test("a method's helper may be called from every kind whose context has it", () => {
    for (const kind of Object.values(programKinds)) {
      for (const [name, use] of Object.entries(contextMethods[kind.context])) {
        expect(helperKinds(use.helper), `${kind.context}.${name}`).toContain(kind.name);
        expect(helperIds).toHaveProperty(use.helper);
      }
    }
  });
});

describe("programs", () => {
  test.each(Object.values(programKinds))("$name", (kind) => {
    const path = kind.name.split(".");
    let symbol = named(path[0] ?? "");
    for (const part of path.slice(1)) {
      const member = symbol.exports?.get(ts.escapeLeadingUnderscores(part));
      if (member === undefined) throw new Error(`${kind.name} is not declared`);
      symbol = member;
    }
    const signature = callable(symbol);
    const body = signature?.getParameters()[0];
    const bodySignature = body === undefined ? undefined : callable(body);
    const context = bodySignature?.getParameters()[0];
    if (signature === undefined || bodySignature === undefined || context === undefined)
      throw new Error("no signature");
    expect(word(checker.getTypeOfSymbol(context))).toBe(kind.context);
    const result = word(bodySignature.getReturnType());
    const expected = { void: "void", boolean: "boolean", length: "u32|i32" } as const;
    expect(result).toBe(
      kind.result.kind === "enum" ? `enum ${kind.result.name}` : expected[kind.result.kind],
    );
    expect(checker.typeToString(signature.getReturnType())).toBe(`Program<"${kind.name}">`);
  });
});

describe("maps", () => {
  const declared = [...exported.values()].filter((symbol) => symbol.flags & ts.SymbolFlags.Class);

  test("every class is in the table, and every entry is a class", () => {
    expect(declared.map((symbol) => symbol.name).sort()).toEqual(Object.keys(mapClasses).sort());
  });

  test.each(Object.values(mapClasses))("$name", (entry) => {
    const symbol = named(entry.name);
    const type = checker.getDeclaredTypeOfSymbol(symbol) as ts.InterfaceType;
    const names = (type.typeParameters ?? []).map((parameter) => parameter.symbol.name);
    expect(names).toEqual(
      entry.typeArguments.map((role) => ({ key: "K", value: names.includes("T") ? "T" : "V" })[role]),
    );
    const construct = checker.getTypeOfSymbol(symbol).getConstructSignatures()[0];
    const options = construct?.getParameters()[0];
    if (options === undefined) throw new Error("no options");
    const accepted = checker.getNonNullableType(checker.getTypeOfSymbol(options)).getProperties();
    const offered = accepted.map((property) => property.name);
    for (const option of entry.options) expect(offered, entry.name).toContain(option);
    const required = accepted.filter((property) => !(property.flags & ts.SymbolFlags.Optional));
    expect(required.map((property) => property.name)).toEqual(
      entry.maxEntries === "none" ? [] : ["maxEntries"],
    );
  });
});

describe("enums", () => {
  test("exist as JavaScript with the declared values", () => {
    const declared = [...exported.values()].filter((symbol) => symbol.flags & ts.SymbolFlags.Enum);
    const real = Object.fromEntries(Object.entries(stdlibEnums)) as Record<string, Record<string, unknown>>;
    expect(Object.keys(real).sort()).toEqual(declared.map((symbol) => symbol.name).sort());
    for (const symbol of declared) {
      expect(symbol.flags & ts.SymbolFlags.ConstEnum).toBe(0);
      for (const member of symbol.exports?.values() ?? []) {
        const declaration = member.valueDeclaration;
        if (declaration === undefined || !ts.isEnumMember(declaration)) throw new Error("no member");
        expect(real[symbol.name]?.[member.name], `${symbol.name}.${member.name}`).toBe(
          checker.getConstantValue(declaration),
        );
      }
    }
  });

  test("map flags are the kernel's", () => {
    const flags = Object.fromEntries(Object.entries(stdlibEnums.MapFlags));
    for (const [name, value] of Object.entries(mapFlags)) expect(flags[name], name).toBe(value);
  });

  // Values every kernel has kept since they were introduced: a generator that reads the wrong member would show here.
  test("well-known numbers", () => {
    expect(mapTypes).toMatchObject({
      hash: 1,
      array: 2,
      percpu_array: 6,
      lpm_trie: 11,
      sockmap: 15,
      sockhash: 18,
      sk_storage: 24,
      ringbuf: 27,
    });
    expect(programTypes).toMatchObject({
      sched_cls: 3,
      xdp: 6,
      cgroup_skb: 8,
      sock_ops: 13,
      sk_skb: 14,
      sk_msg: 16,
      cgroup_sock_addr: 18,
    });
    expect(attachTypes).toMatchObject({
      cgroup_inet_ingress: 0,
      cgroup_sock_ops: 3,
      cgroup_inet4_connect: 10,
      xdp: 37,
    });
    expect(helperIds).toMatchObject({
      map_lookup_elem: 1,
      ktime_get_ns: 5,
      sk_storage_get: 107,
      ringbuf_reserve: 131,
      set_retval: 187,
    });
    expect(stdlibEnums).toMatchObject({
      SockOp: { STATE_CB: 10 },
      XdpAction: { TX: 3 },
      TcAction: { UNSPEC: -1, SHOT: 2 },
      Errno: { ECONNREFUSED: 111 },
    });
  });
});
