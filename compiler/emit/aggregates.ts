import type { Span } from "../diagnostics/diagnostic.ts";
import { sizeOf } from "../ir/build.ts";
import type { ArrayValue, IrExpression, StructValue } from "../ir/expressions.ts";
import type { ArrayType, StructType } from "../ir/types.ts";
import type { CExpression, CInitializer, CInitializerList } from "./c/ast.ts";
import { identifier, index, member, number } from "./c/build.ts";
import { evaluateAll, hintOf } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";
import { alignmentAt, declareValue, storeValue } from "./memory.ts";

interface Leaf {
  readonly expression: IrExpression;
  /** From the whole to the part: names of fields and indexes. */
  readonly path: readonly (string | number)[];
  /** In bytes from the whole. */
  readonly offset: number;
}

interface Tree {
  readonly list: CInitializerList;
  /** Parts that C takes in no initializer. */
  readonly rest: readonly { readonly leaf: Leaf; readonly value: CExpression }[];
}

/** An aggregate without a base, as an initializer; padding members are members, so C makes them zero like all that is not named. */
function initializerOf(f: FunctionEmitter, e: StructValue | ArrayValue): Tree {
  const leaves: Leaf[] = [];
  collect(f, e, { path: [], offset: 0 }, leaves);
  const values = evaluateAll(
    f,
    leaves.map((leaf) => leaf.expression),
  );
  const rest: { leaf: Leaf; value: CExpression }[] = [];
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
    rest.push({ leaf, value });
    return undefined;
  };
  const list = build(e) as CInitializerList;
  return { list, rest };
}

function isNested(e: IrExpression): e is StructValue | ArrayValue {
  return (e.op === "struct" && e.base === undefined) || e.op === "array";
}

function collect(
  f: FunctionEmitter,
  e: IrExpression,
  at: { readonly path: Leaf["path"]; readonly offset: number },
  leaves: Leaf[],
): void {
  if (!isNested(e)) leaves.push({ expression: e, ...at });
  else if (e.op === "struct") {
    for (const { field, value } of e.fields) {
      const path = [...at.path, f.unit.types.fieldName(e.type, field.name)];
      collect(f, value, { path, offset: at.offset + field.offset }, leaves);
    }
  } else {
    const size = sizeOf(e.type.element);
    e.elements.forEach((element, position) => {
      collect(f, element, { path: [...at.path, position], offset: at.offset + position * size }, leaves);
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
    if (base === undefined) throw new Error("the base has no value");
    declareValue(f, name, base, e.base, span);
    e.fields.forEach(({ field, value }, position) => {
      const part = values[position];
      if (part === undefined) throw new Error("field without a value");
      const place = member(identifier(name), f.unit.types.fieldName(e.type, field.name));
      storeValue(f, { place, alignment: alignmentAt(field.offset) }, part, value, value.span);
    });
    return;
  }
  const { list, rest } = initializerOf(f, e);
  f.push(f.storage(name, e.type, list, span));
  for (const { leaf, value } of rest) {
    const place = partOf(identifier(name), leaf.path);
    storeValue(
      f,
      { place, alignment: alignmentAt(leaf.offset) },
      value,
      leaf.expression,
      leaf.expression.span,
    );
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
