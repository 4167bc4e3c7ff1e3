import { typeName } from "./build.ts";
import type { IrExpression, IrPlace } from "./expressions.ts";
import type { IrFunction, IrGlobal, IrLocal, IrMap, IrModule } from "./module.ts";
import type { IrStatement } from "./statements.ts";
import type { IrType, StructType } from "./types.ts";

/** The module as text, for readers and for tests. It says all but the spans. */
export function printIr(module: IrModule): string {
  const programs = new Set(module.programs.map((program) => program.function));
  const groups = [
    module.structs.map(printStruct),
    module.maps.map(printMap),
    module.globals.map(printGlobal),
    ...module.functions
      .filter((definition) => !programs.has(definition))
      .map((definition) => [printFunction(`function ${definition.name}`, definition)]),
    ...module.programs.map((program) => [
      printFunction(
        `program ${program.name} ${program.kind} ${JSON.stringify(program.section)}`,
        program.function,
      ),
    ]),
  ];
  const text = groups.filter((group) => group.length > 0).map((group) => group.join("\n"));
  return `${text.join("\n\n")}\n`;
}

function printStruct(type: StructType): string {
  const fields = type.fields.map((field) => `  ${field.offset} ${field.name}: ${printType(field.type)}`);
  return [`struct ${type.name} size ${type.size} align ${type.align} {`, ...fields, "}"].join("\n");
}

function printMap(map: IrMap): string {
  const types = [map.key, map.value].flatMap((type) => (type === undefined ? [] : [printType(type)]));
  const words = [`map ${map.name} ${map.type}`];
  if (types.length > 0) words.push(`<${types.join(", ")}>`);
  words.push(` entries ${map.maxEntries}`);
  if (map.flags !== 0) words.push(` flags ${map.flags}`);
  if (map.numaNode !== undefined) words.push(` node ${map.numaNode}`);
  if (map.pin) words.push(" pinned");
  return words.join("");
}

function printGlobal(global: IrGlobal): string {
  const names = new LocalNames();
  const kind = global.constant ? "constant" : "variable";
  return `${kind} ${global.name}: ${printType(global.type)} = ${printExpression(global.initial, names)}`;
}

function printFunction(head: string, definition: IrFunction): string {
  const names = new LocalNames();
  const parameters = definition.parameters.map((parameter) => printLocal(parameter, names));
  const lines = printStatements(definition.body, names, "  ");
  return [`${head}(${parameters.join(", ")}): ${printType(definition.result)} {`, ...lines, "}"].join("\n");
}

function printLocal(local: IrLocal, names: LocalNames): string {
  return `${names.of(local)}: ${printType(local.type)}`;
}

/** Locals that share a name are told apart by a number. */
class LocalNames {
  readonly #names = new Map<IrLocal, string>();
  readonly #counts = new Map<string, number>();

  of(local: IrLocal): string {
    const known = this.#names.get(local);
    if (known !== undefined) return known;
    const count = (this.#counts.get(local.name) ?? 0) + 1;
    this.#counts.set(local.name, count);
    const name = count === 1 ? local.name : `${local.name}#${count}`;
    this.#names.set(local, name);
    return name;
  }
}

function printType(type: IrType): string {
  if (type.kind === "array") return `${printType(type.element)}[${type.length}]`;
  if (type.kind !== "ref") return typeName(type);
  const access = type.readonly ? "readonly " : "";
  return `${access}${type.memory} &${printType(type.target)}${type.nullable ? "?" : ""}`;
}

function printStatements(statements: readonly IrStatement[], names: LocalNames, indent: string): string[] {
  return statements.flatMap((statement) => printStatement(statement, names).map((line) => indent + line));
}

function printStatement(statement: IrStatement, names: LocalNames): readonly string[] {
  const value = (expression: IrExpression): string => printExpression(expression, names);
  const within = (body: readonly IrStatement[]): string[] => printStatements(body, names, "  ");
  const labelled = (label: string | undefined, text: string): string =>
    label === undefined ? text : `${label}: ${text}`;
  switch (statement.op) {
    case "let": {
      const opaque = statement.local.opaque === true ? "opaque " : "";
      const initial = statement.initial === undefined ? "zero" : value(statement.initial);
      return [`let ${opaque}${printLocal(statement.local, names)} = ${initial}`];
    }
    case "assign":
      return [`${printPlace(statement.place, names)} = ${value(statement.value)}`];
    case "contextStore":
      return [`${printContext(statement, names)} = ${value(statement.value)}`];
    case "evaluate":
      return [value(statement.expression)];
    case "if":
      return [
        `if ${value(statement.condition)} {`,
        ...within(statement.then),
        ...(statement.otherwise === undefined ? [] : ["} else {", ...within(statement.otherwise)]),
        "}",
      ];
    case "switch":
      return [
        labelled(statement.label, `switch ${value(statement.subject)} {`),
        ...statement.cases.flatMap((part) => {
          const heads = [
            ...part.values.map((constant) => `case ${constant}`),
            ...(part.isDefault ? ["default"] : []),
          ];
          return [`  ${heads.join(", ")}:`, ...within(part.body).map((line) => `  ${line}`)];
        }),
        "}",
      ];
    case "loop":
      return [
        labelled(statement.label, `loop at most ${statement.maxIterations}`),
        "initial {",
        ...within(statement.initial),
        `} while ${value(statement.condition)} {`,
        ...within(statement.body),
        "} update {",
        ...within(statement.update),
        "}",
      ];
    case "rangeLoop": {
      const range = `${value(statement.start)} .. ${value(statement.end)}`;
      const head = `for ${printLocal(statement.local, names)} in ${range} at most ${statement.maxIterations} {`;
      return [labelled(statement.label, head), ...within(statement.body), "}"];
    }
    case "break":
    case "continue":
      return [statement.label === undefined ? statement.op : `${statement.op} ${statement.label}`];
    case "return":
      return [statement.value === undefined ? "return" : `return ${value(statement.value)}`];
    case "block":
      return [labelled(statement.label, "{"), ...within(statement.body), "}"];
    case "using":
      return [
        `using ${printLocal(statement.local, names)} = reserve ${statement.map.name} {`,
        ...within(statement.body),
        "}",
      ];
    case "release":
      return [`${statement.how} ${names.of(statement.local)} flags ${value(statement.flags)}`];
    case "log": {
      const words = [statement.site.level, `#${statement.site.id}`, JSON.stringify(statement.site.parts)];
      return [
        `log ${words.join(" ")}${statement.arguments.map((argument) => ` ${value(argument)}`).join("")}`,
      ];
    }
  }
}

function printContext(
  access: { readonly context: IrExpression; readonly field: string; readonly index?: number },
  names: LocalNames,
): string {
  const element = access.index === undefined ? "" : `[${access.index}]`;
  return `${printExpression(access.context, names)}->${access.field}${element}`;
}

function printExpression(expression: IrExpression, names: LocalNames): string {
  const value = (inner: IrExpression): string => printExpression(inner, names);
  const list = (inner: readonly IrExpression[]): string => inner.map(value).join(", ");
  switch (expression.op) {
    case "constant":
      return expression.type.kind === "ref" ? "null" : `${expression.value}${suffix(expression.type)}`;
    case "load":
      return printPlace(expression.place, names);
    case "address":
      return `&${printPlace(expression.place, names)}`;
    case "binary":
      return `${expression.operator}(${list([expression.left, expression.right])})`;
    case "compare":
      return `${expression.operator}(${list([expression.left, expression.right])})`;
    case "logical":
      return `(${value(expression.left)} ${expression.operator} ${value(expression.right)})`;
    case "unary":
      return `${expression.operator}(${value(expression.operand)})`;
    case "not":
      return `not(${value(expression.operand)})`;
    case "select":
      return `select(${list([expression.condition, expression.whenTrue, expression.whenFalse])})`;
    case "convert":
      return `${printType(expression.type)}(${value(expression.operand)})`;
    case "byteSwap":
      return `swap(${value(expression.operand)})`;
    case "struct": {
      const base = expression.base === undefined ? [] : [`...${value(expression.base)}`];
      const fields = expression.fields.map((part) => `${part.field.name}: ${value(part.value)}`);
      return `${expression.type.name} { ${[...base, ...fields].join(", ")} }`;
    }
    case "array":
      return `[${list(expression.elements)}]`;
    case "call":
      return `${expression.function.name}(${list(expression.arguments)})`;
    case "contextLoad":
      return printContext(expression, names);
    case "mapReference":
      return `map ${expression.map.name}`;
    case "helper": {
      const args = expression.arguments.map((argument) =>
        argument.pass === "pointer" ? `pointer to ${value(argument.value)}` : value(argument.value),
      );
      return `bpf_${expression.helper}(${args.join(", ")}): ${printType(expression.type)}`;
    }
    case "mapLookup":
      return `lookup ${expression.map.name}(${value(expression.key)})`;
    case "mapUpdate":
      return `update ${expression.map.name}(${list([expression.key, expression.value, expression.flags])})`;
    case "mapDelete":
      return `delete ${expression.map.name}(${value(expression.key)})`;
    case "packet":
      return `packet ${printType(expression.type)}(${list([expression.context, expression.offset])})`;
    case "elementOrNull":
      return `element(${printPlace(expression.base, names)}, ${value(expression.index)})`;
    case "atomic": {
      const operands = [
        ...(expression.expected === undefined ? [] : [expression.expected]),
        expression.operand,
      ];
      const use = expression.resultUsed ? "" : " unused";
      return `atomic ${expression.operator}(${printPlace(expression.place, names)}, ${list(operands)})${use}`;
    }
  }
}

function suffix(type: IrType): string {
  return type.kind === "int" ? `:${printType(type)}` : "";
}

function printPlace(place: IrPlace, names: LocalNames): string {
  switch (place.place) {
    case "local":
      return names.of(place.local);
    case "global":
      return `global ${place.global.name}`;
    case "deref":
      return `*(${printExpression(place.reference, names)})`;
    case "field":
      return `${printPlace(place.base, names)}.${place.field.name}`;
    case "element":
      return `${printPlace(place.base, names)}[${printExpression(place.index, names)}]`;
  }
}
