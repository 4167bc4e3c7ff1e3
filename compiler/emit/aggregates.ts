import type { Span } from "../diagnostics/diagnostic.ts";
import type { ArrayValue, IrExpression, StructValue } from "../ir/expressions.ts";
import type { ArrayType, StructType } from "../ir/types.ts";
import type { CExpression, CInitializer, CInitializerList } from "./c/ast.ts";
import { assign, identifier, index, member, number } from "./c/build.ts";
import { evaluateAll, hintOf } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";

interface Leaf {
  readonly expression: IrExpression;
  /** From the whole to the part: names of fields and indexes. */
  readonly path: readonly (string | number)[];
}

interface Tree {
  readonly list: CInitializerList;
  /** Parts that C takes in no initializer. */
  readonly rest: readonly {
    readonly path: Leaf["path"];
    readonly value: CExpression;
    readonly leaf: IrExpression;
  }[];
}

/** An aggregate without a base, as an initializer; padding members are members, so C makes them zero like all that is not named. */
function initializerOf(f: FunctionEmitter, e: StructValue | ArrayValue): Tree {
  const leaves: Leaf[] = [];
  collect(f, e, [], leaves);
  const values = evaluateAll(
    f,
    leaves.map((leaf) => leaf.expression),
  );
  const rest: { path: Leaf["path"]; value: CExpression; leaf: IrExpression }[] = [];
  let next = 0;
  const build = (node: IrExpression): CInitializer | undefined => {
    if (isNested(node)) {
      const items: { field?: string; value: CInitializer }[] = [];
      if (node.op === "struct") {
        for (const { field, value } of node.fields) {
          const part = build(value);
          if (part !== undefined)
            items.push({ field: f.unit.types.fieldName(node.type, field.name), value: part });
        }
      } else {
        // Elements have no names here, so one that needs a copy leaves a zero behind.
        for (const element of node.elements)
          items.push({ value: build(element) ?? { kind: "list", items: [] } });
      }
      return { kind: "list", items, span: node.span };
    }
    const leaf = leaves[next];
    const value = values[next];
    next++;
    if (leaf === undefined || value === undefined) throw new Error("initializer is incomplete");
    if (node.type.kind !== "array") return value;
    rest.push({ path: leaf.path, value, leaf: node });
    return undefined;
  };
  const list = build(e) as CInitializerList;
  return { list, rest };
}

function isNested(e: IrExpression): e is StructValue | ArrayValue {
  return (e.op === "struct" && e.base === undefined) || e.op === "array";
}

function collect(f: FunctionEmitter, e: IrExpression, path: Leaf["path"], leaves: Leaf[]): void {
  if (!isNested(e)) leaves.push({ expression: e, path });
  else if (e.op === "struct") {
    for (const { field, value } of e.fields) {
      collect(f, value, [...path, f.unit.types.fieldName(e.type, field.name)], leaves);
    }
  } else {
    e.elements.forEach((element, position) => {
      collect(f, element, [...path, position], leaves);
    });
  }
}

/** Declares `name` with the value. */
export function declareAggregate(
  f: FunctionEmitter,
  name: string,
  e: StructValue | ArrayValue,
  span: Span,
): void {
  if (e.op === "struct" && e.base !== undefined) {
    const [base, ...values] = evaluateAll(f, [e.base, ...e.fields.map((field) => field.value)]);
    f.push(f.storage(name, e.type, base, span));
    e.fields.forEach(({ field, value }, position) => {
      const part = values[position];
      if (part === undefined) throw new Error("field without a value");
      const place = member(identifier(name), f.unit.types.fieldName(e.type, field.name));
      f.push(
        value.type.kind === "array"
          ? f.copy(place, part, value.type, value.span)
          : assign(place, part, value.span),
      );
    });
    return;
  }
  const { list, rest } = initializerOf(f, e);
  f.push(f.storage(name, e.type, list, span));
  for (const { path, value, leaf } of rest) {
    f.push(f.copy(partOf(identifier(name), path), value, leaf.type, leaf.span));
  }
}

function partOf(whole: CExpression, path: Leaf["path"]): CExpression {
  return path.reduce<CExpression>(
    (part, step) => (typeof step === "string" ? member(part, step) : index(part, number(step))),
    whole,
  );
}

export function emitStructValue(f: FunctionEmitter, e: StructValue, hint: string | undefined): CExpression {
  if (e.base === undefined) {
    const tree = f.capture(() => initializerOf(f, e));
    if (tree.result.rest.length === 0) {
      f.push(...tree.statements);
      return { kind: "compound", type: f.unit.types.of(e.type), initializer: tree.result.list };
    }
  }
  return inVariable(f, e, hint);
}

export function emitArrayValue(f: FunctionEmitter, e: ArrayValue, hint: string | undefined): CExpression {
  return inVariable(f, e, hint);
}

function inVariable(f: FunctionEmitter, e: StructValue | ArrayValue, hint: string | undefined): CExpression {
  const name = f.name(hint ?? hintOf(e));
  declareAggregate(f, name, e, e.span);
  f.markStable(name);
  return identifier(name);
}

/** All bytes zero. */
export function zeroOf(type: StructType | ArrayType, span: Span): StructValue | ArrayValue {
  return type.kind === "struct"
    ? { op: "struct", type, fields: [], span }
    : { op: "array", type, elements: [], span };
}
