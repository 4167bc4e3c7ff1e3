import { displayPath } from "../../diagnostics/display-path.ts";
import { SourceText } from "../../diagnostics/source-text.ts";
import { sizeOf } from "../../ir/build.ts";
import type { IrFunction, IrGlobal, IrMap, IrModule } from "../../ir/module.ts";
import type { IrType, StructType } from "../../ir/types.ts";
import { NameScope } from "../names.ts";
import type { JsExpression, JsStatement } from "./ast.ts";
import { arrow, call, declare, evaluate, identifier, literal, member, method } from "./build.ts";
import { emitExpression, emitPeeked } from "./expressions.ts";
import { emitFunction, FunctionEmitter } from "./function.ts";
import { linkage, reserved } from "./reserved.ts";
import { isScalar, storeName } from "./scalars.ts";

/** Prints a module as one function: it is given what stands for the kernel, and gives the programs. */
export class ModuleEmitter {
  readonly #module: IrModule;
  readonly #cwd: string;
  readonly #scope = new NameScope(undefined, reserved);
  readonly #structs = new Map<StructType, string>();
  readonly #globals = new Map<IrGlobal, string>();
  readonly #maps = new Map<IrMap, string>();
  readonly #functions = new Map<IrFunction, string>();
  readonly #texts = new Map<string, SourceText>();

  constructor(module: IrModule, cwd: string) {
    this.#module = module;
    this.#cwd = cwd;
    for (const map of module.maps) this.#maps.set(map, this.#scope.take(map.name));
    for (const global of module.globals) this.#globals.set(global, this.#scope.take(global.name));
    for (const definition of this.#definitions()) {
      this.#functions.set(definition, this.#scope.take(definition.name));
    }
  }

  layoutName(type: StructType): string {
    const known = this.#structs.get(type);
    if (known !== undefined) return known;
    const name = this.#scope.take(type.name);
    this.#structs.set(type, name);
    return name;
  }

  /** How many bytes a value has, by the struct's name where it has one. */
  sizeExpression(type: IrType): JsExpression {
    return type.kind === "struct" ? member(identifier(this.layoutName(type)), "size") : literal(sizeOf(type));
  }

  globalName(global: IrGlobal): string {
    return named(this.#globals, global);
  }

  mapName(map: IrMap): string {
    return named(this.#maps, map);
  }

  functionName(definition: IrFunction): string {
    return named(this.#functions, definition);
  }

  emit(exported: boolean): JsStatement[] {
    const globals = this.#module.globals.map((global) => this.#global(global));
    const functions = [...this.#definitions()].flatMap((definition) => this.#function(definition));
    const maps = this.#module.maps.map((map) =>
      declare("const", this.mapName(map), call("map", literal(map.name))),
    );
    const layouts = [...this.#structs].map(([type, name]) => declare("const", name, layout(type)));
    const programs = this.#module.programs.map(
      ({ name, function: body }) => [name, identifier(this.functionName(body))] as const,
    );
    const groups: JsStatement[][] = [layouts, maps, globals].filter((group) => group.length > 0);
    const body = [
      ...groups.flatMap((group) => [...group, { kind: "blank" } as const]),
      ...functions,
      { kind: "return", value: { kind: "object", properties: programs } } as const,
    ];
    const parameters = [`{ ${linkage.join(", ")} }`];
    return [{ kind: "function", name: "link", parameters, body, exported }];
  }

  /** Callees before callers, programs among them. */
  #definitions(): ReadonlySet<IrFunction> {
    const programs = this.#module.programs.map((program) => program.function);
    return new Set([...this.#module.functions, ...programs]);
  }

  #function(definition: IrFunction): JsStatement[] {
    const { parameters, body } = emitFunction(this, definition, this.#scope);
    const name = this.functionName(definition);
    const { file, start } = definition.span;
    const text = this.#texts.get(file) ?? new SourceText(this.#module.sources.get(file) ?? "");
    this.#texts.set(file, text);
    const place = `${displayPath(file, this.#cwd)}:${text.positionAt(start).line}`;
    return [
      { kind: "comment", text: place },
      { kind: "function", name, parameters, body },
      { kind: "blank" },
    ];
  }

  /** The first value is computed when the program is linked, like the image of a section. */
  #global(global: IrGlobal): JsStatement {
    const { initial, type, name } = global;
    const place = [literal(name), this.sizeExpression(type)];
    const define = (fill: JsStatement | undefined): JsStatement => {
      const arrows: JsExpression[] = fill === undefined ? [] : [arrow(["it"], [fill])];
      return declare("const", this.globalName(global), call("variable", ...place, ...arrows));
    };
    const isZero =
      (initial.op === "constant" && initial.value === 0n) ||
      (initial.op === "struct" && initial.fields.length === 0 && initial.base === undefined) ||
      (initial.op === "array" && initial.elements.length === 0);
    if (isZero) return define(undefined);
    const around: IrFunction = {
      name,
      parameters: [],
      result: type,
      body: [],
      span: global.span,
    };
    const f = new FunctionEmitter(this, around, this.#scope);
    f.scope.take("it");
    const target = identifier("it");
    return define(
      evaluate(
        isScalar(type)
          ? method(target, storeName(type), literal(0), emitExpression(f, initial))
          : method(target, "assign", emitPeeked(f, initial), this.sizeExpression(type)),
      ),
    );
  }
}

function named<T extends { readonly name: string }>(names: ReadonlyMap<T, string>, node: T): string {
  const name = names.get(node);
  if (name === undefined) throw new Error(`${node.name} is not in the module`);
  return name;
}

/** Where a struct's fields are, in bytes. */
function layout(type: StructType): JsExpression {
  const at = type.fields.map((field) => [field.name, literal(field.offset)] as const);
  return {
    kind: "object",
    properties: [
      ["size", literal(type.size)],
      ["at", { kind: "object", properties: at }],
    ],
  };
}
