import type { IrExpression, IrPlace } from "./expressions.ts";
import type { IrLocal } from "./module.ts";
import type { IrStatement } from "./statements.ts";

// What a node is made of, in the order of evaluation. The switches are complete, so a new kind of node does not compile until it is here.

/** The expressions that a place evaluates: references and indexes. */
export function placeOperands(place: IrPlace): readonly IrExpression[] {
  switch (place.place) {
    case "local":
    case "global":
      return [];
    case "deref":
      return [place.reference];
    case "field":
      return placeOperands(place.base);
    case "element":
      return [...placeOperands(place.base), place.index];
  }
}

/** The expressions directly below, those of its place included. */
export function operandsOf(expression: IrExpression): readonly IrExpression[] {
  switch (expression.op) {
    case "constant":
    case "mapReference":
      return [];
    case "load":
    case "address":
      return placeOperands(expression.place);
    case "binary":
    case "compare":
    case "logical":
      return [expression.left, expression.right];
    case "unary":
    case "not":
    case "convert":
    case "byteSwap":
      return [expression.operand];
    case "select":
      return [expression.condition, expression.whenTrue, expression.whenFalse];
    case "struct":
      return [
        ...(expression.base === undefined ? [] : [expression.base]),
        ...expression.fields.map((field) => field.value),
      ];
    case "array":
      return expression.elements;
    case "call":
      return expression.arguments;
    case "contextLoad":
      return [expression.context];
    case "helper":
      return expression.arguments.map((argument) => argument.value);
    case "mapLookup":
    case "mapDelete":
      return [expression.key];
    case "mapUpdate":
      return [expression.key, expression.value, expression.flags];
    case "packet":
      return [expression.context, expression.offset];
    case "elementOrNull":
      return [...placeOperands(expression.base), expression.index];
    case "atomic":
      return [
        ...placeOperands(expression.place),
        ...(expression.expected === undefined ? [] : [expression.expected]),
        expression.operand,
      ];
  }
}

/** The place that an expression names itself, if it does. */
export function placeOf(expression: IrExpression): IrPlace | undefined {
  switch (expression.op) {
    case "load":
    case "address":
    case "atomic":
      return expression.place;
    case "elementOrNull":
      return expression.base;
    default:
      return undefined;
  }
}

/** The expressions that a statement evaluates itself, not those of statements within it. */
export function expressionsOf(statement: IrStatement): readonly IrExpression[] {
  switch (statement.op) {
    case "let":
      return statement.initial === undefined ? [] : [statement.initial];
    case "assign":
      return [...placeOperands(statement.place), statement.value];
    case "contextStore":
      return [statement.context, statement.value];
    case "evaluate":
      return [statement.expression];
    case "if":
    case "loop":
      return [statement.condition];
    case "switch":
      return [statement.subject];
    case "rangeLoop":
      return [statement.start, statement.end];
    case "return":
      return statement.value === undefined ? [] : [statement.value];
    case "release":
      return [statement.flags];
    case "log":
      return statement.arguments;
    case "break":
    case "continue":
    case "block":
    case "using":
      return [];
  }
}

/** The lists of statements within a statement. */
export function bodiesOf(statement: IrStatement): readonly (readonly IrStatement[])[] {
  switch (statement.op) {
    case "if":
      return statement.otherwise === undefined ? [statement.then] : [statement.then, statement.otherwise];
    case "switch":
      return statement.cases.map((part) => part.body);
    case "loop":
      return [statement.initial, statement.body, statement.update];
    case "rangeLoop":
    case "block":
    case "using":
      return [statement.body];
    default:
      return [];
  }
}

export interface Visitor {
  readonly statement?: (statement: IrStatement) => void;
  readonly expression?: (expression: IrExpression) => void;
  /** Every place, those that another is a part of included. */
  readonly place?: (place: IrPlace) => void;
}

/** Visits every node below, outer ones first. */
export function visit(statements: readonly IrStatement[], visitor: Visitor): void {
  for (const statement of statements) {
    visitor.statement?.(statement);
    if (statement.op === "assign") visitPlace(statement.place, visitor);
    for (const expression of expressionsOf(statement)) visitExpression(expression, visitor);
    for (const body of bodiesOf(statement)) visit(body, visitor);
  }
}

export function visitExpression(expression: IrExpression, visitor: Visitor): void {
  visitor.expression?.(expression);
  const place = placeOf(expression);
  if (place !== undefined) visitPlace(place, visitor);
  for (const operand of operandsOf(expression)) visitExpression(operand, visitor);
}

function visitPlace(place: IrPlace, visitor: Visitor): void {
  visitor.place?.(place);
  if (place.place === "field" || place.place === "element") visitPlace(place.base, visitor);
}

/** The local that a place is a part of, if it is no memory behind a reference. */
export function rootLocal(place: IrPlace): IrLocal | undefined {
  switch (place.place) {
    case "local":
      return place.local;
    case "field":
    case "element":
      return rootLocal(place.base);
    case "global":
    case "deref":
      return undefined;
  }
}
