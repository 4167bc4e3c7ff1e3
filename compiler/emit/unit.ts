import type { IrExpression } from "../ir/expressions.ts";
import type { IrFunction, IrGlobal, IrMap, IrModule, IrProgram } from "../ir/module.ts";
import type { IrType } from "../ir/types.ts";
import { helperIds, mapTypes } from "../kernel/uapi.gen.ts";
import { ArrayResults } from "./array-results.ts";
import type { CDeclaration, CFunction, CInitializer, CType, CUnit } from "./c/ast.ts";
import {
  array,
  cast,
  constVolatile,
  named,
  number,
  pointer,
  record,
  variable,
  voidPointer,
} from "./c/build.ts";
import { constantOf } from "./constants.ts";
import { ContextTypes } from "./context-types.ts";
import { FunctionEmitter } from "./function.ts";
import { logLostName, logMapBytes, logMapName } from "./log-names.ts";
import { mapDeclaration, recordDeclaration } from "./map-declarations.ts";
import { NameScope } from "./names.ts";
import { sectionInC } from "./section-names.ts";
import { signedDivision } from "./signed-division.ts";
import { TypeEmitter } from "./types.ts";

interface HelperSignature {
  readonly result: CType;
  readonly parameters: readonly CType[];
}

/** A module on its way to one C file: what its functions need is declared once, and nothing else is. */
export class UnitEmitter {
  readonly names = new NameScope();
  readonly contexts = new ContextTypes();
  readonly types = new TypeEmitter(this.contexts, this.names);
  readonly #results = new ArrayResults(this.types);
  readonly #module: IrModule;
  readonly #functions = new Map<IrFunction, string>();
  readonly #maps = new Map<IrMap, string>();
  readonly #globals = new Map<IrGlobal, string>();
  readonly #helpers = new Map<string, { name: string; declaration: CDeclaration }>();
  readonly #divisions = new Map<string, CFunction>();
  readonly #logRecords = new Map<number, CType>();
  #logUsed = false;

  constructor(module: IrModule) {
    this.#module = module;
    // What the kernel and user space see by name comes first, and so keeps its name.
    for (const program of module.programs)
      this.#functions.set(program.function, this.names.take(program.name));
    for (const map of module.maps) this.#maps.set(map, this.names.take(map.name));
    for (const global of module.globals) this.#globals.set(global, this.names.take(global.name));
    for (const definition of module.functions) {
      if (!this.#functions.has(definition)) this.#functions.set(definition, this.names.take(definition.name));
    }
  }

  emit(): CUnit {
    const maps = this.#module.maps.map((map) => mapDeclaration(this.types, this.mapName(map), map));
    const records = this.#module.maps.flatMap((map) => recordDeclaration(this.types, this.mapName(map), map));
    const globals = this.#module.globals.map((global) => this.#global(global));
    const inlined = this.#module.functions
      .filter((definition) => !this.#module.programs.some((program) => program.function === definition))
      .map((definition) => this.#function(definition));
    const programs = this.#module.programs.map((program) => this.#program(program));
    const own = this.#logUsed ? this.#logDeclarations() : [];
    const types = this.types.declarations();
    return {
      groups: [
        types.typedefs,
        ...types.types.map((declaration) => [declaration]),
        [...this.#helpers.values()].map((helper) => helper.declaration),
        ...maps.map((declaration) => [declaration]),
        ...records.map((declaration) => [declaration]),
        globals,
        ...own.map((declaration) => [declaration]),
        ...[...this.#divisions.values()].map((declaration) => [declaration]),
        ...inlined.map((declaration) => [declaration]),
        ...programs.map((declaration) => [declaration]),
        [this.#license()],
      ],
    };
  }

  /** What a function of this result returns in C. */
  resultType(type: IrType): CType {
    return this.#results.of(type);
  }

  /** Names that C did not allow, by what stands for them: what user space sees must be the source's. */
  get renamed(): ReadonlyMap<string, string> {
    const seen = [
      ...this.#module.programs.map((program) => [this.functionName(program.function), program.name] as const),
      ...this.#module.maps.map((map) => [this.mapName(map), map.name] as const),
      ...this.#module.globals.map((global) => [this.globalName(global), global.name] as const),
    ];
    return new Map(seen.filter(([inC, name]) => inC !== name));
  }

  functionName(definition: IrFunction): string {
    return found(this.#functions.get(definition), definition.name);
  }

  mapName(map: IrMap): string {
    return found(this.#maps.get(map), map.name);
  }

  globalName(global: IrGlobal): string {
    return found(this.#globals.get(global), global.name);
  }

  /** A pointer to the helper under its kernel name; one more where a use differs in types from an earlier one. */
  helper(helper: string, signature: HelperSignature): string {
    const key = `${helper} ${JSON.stringify(signature)}`;
    const known = this.#helpers.get(key);
    if (known !== undefined) return known.name;
    const id = (helperIds as Readonly<Record<string, number>>)[helper];
    if (id === undefined) throw new Error(`the kernel has no helper ${helper}`);
    const name = this.names.take(`bpf_${helper}`);
    const type: CType = {
      kind: "qualified",
      qualifiers: "const",
      type: pointer({ kind: "function", ...signature }),
    };
    const declaration = {
      ...variable(name, type, cast(voidPointer, number(id))),
      storage: "static" as const,
    };
    this.#helpers.set(key, { name, declaration });
    return name;
  }

  signedDivision(quotient: boolean, bits: number): string {
    const width = bits === 64 ? 64 : 32;
    const key = `${quotient ? "div" : "mod"}${width}`;
    const known = this.#divisions.get(key);
    if (known !== undefined) return known.name;
    const declaration = signedDivision(this.types, this.names.take(`signed_${key}`), quotient, width);
    this.#divisions.set(key, declaration);
    return declaration.name;
  }

  logRecord(slots: number): CType {
    this.#logUsed = true;
    const known = this.#logRecords.get(slots);
    if (known !== undefined) return known;
    const type = this.types.own(`tsbpf_log_${slots}`, [
      { name: "site", type: this.types.named("u32") },
      { name: "cpu", type: this.types.named("u32") },
      { name: "time", type: this.types.named("u64") },
      ...(slots === 0 ? [] : [{ name: "arguments", type: array(this.types.named("u64"), slots) }]),
    ]);
    this.#logRecords.set(slots, type);
    return type;
  }

  logMap(): string {
    return logMapName;
  }

  logLost(): string {
    return logLostName;
  }

  #logDeclarations(): CDeclaration[] {
    const map = record([
      { name: "type", type: pointer(array(named("int"), mapTypes.ringbuf)) },
      { name: "max_entries", type: pointer(array(named("int"), logMapBytes)) },
    ]);
    return [
      { ...variable(logMapName, map), attributes: ['section(".maps")', "used"] },
      variable(logLostName, this.types.named("u64")),
    ];
  }

  #function(definition: IrFunction): CFunction {
    return {
      ...this.#definition(definition),
      storage: "static",
      attributes: ["always_inline"],
      span: definition.span,
    };
  }

  #program(program: IrProgram): CFunction {
    return {
      ...this.#definition(program.function),
      result: named("int"),
      attributes: [`section("${sectionInC(program.section, this.#module)}")`, "used"],
      span: program.span,
    };
  }

  #definition(definition: IrFunction): CFunction {
    const emitter = new FunctionEmitter(this, definition);
    const parameters = emitter.parameters(definition);
    return {
      kind: "function",
      name: this.functionName(definition),
      result: this.resultType(definition.result),
      parameters,
      attributes: [],
      body: emitter.body(definition),
    };
  }

  #global(global: IrGlobal): CDeclaration {
    const type = this.types.of(global.type);
    const declared = global.constant ? constVolatile(type) : type;
    const initial =
      this.#isZero(global.initial) && !global.constant ? undefined : this.#initial(global.initial);
    const declaration = variable(this.globalName(global), declared, initial, global.span);
    const aggregate = global.type.kind === "struct" || global.type.kind === "array";
    return aggregate ? { ...declaration, attributes: ["aligned(8)"] } : declaration;
  }

  #initial(e: IrExpression): CInitializer {
    switch (e.op) {
      case "constant":
        return constantOf(this.types, e.type, e.value, true);
      case "struct":
        return {
          kind: "list",
          items: e.fields.map(({ field, value }) => ({
            field: this.types.fieldName(e.type, field.name),
            value: this.#initial(value),
          })),
        };
      case "array":
        return { kind: "list", items: e.elements.map((element) => ({ value: this.#initial(element) })) };
      default:
        throw new Error("a global's initial value is no constant");
    }
  }

  #isZero(e: IrExpression): boolean {
    switch (e.op) {
      case "constant":
        return e.value === 0n;
      case "struct":
        return e.base === undefined && e.fields.every((field) => this.#isZero(field.value));
      case "array":
        return e.elements.every((element) => this.#isZero(element));
      default:
        return false;
    }
  }

  #license(): CDeclaration {
    const text = "Dual MIT/GPL";
    return {
      ...variable("_license", array(named("char"), text.length + 1), { kind: "string", value: text }),
      attributes: ['section("license")', "used"],
    };
  }
}

function found(name: string | undefined, wanted: string): string {
  if (name === undefined) throw new Error(`${wanted} is not a part of the module`);
  return name;
}
