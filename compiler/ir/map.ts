import type { IrExpression, IrPlace } from "./expressions.ts";
import type { IrStatement } from "./statements.ts";

export interface Mapping {
  /** Called with the node after the nodes below it were mapped. */
  readonly expression?: (expression: IrExpression) => IrExpression;
  /** One statement, whose parts were mapped, becomes any number. */
  readonly statement?: (statement: IrStatement) => readonly IrStatement[];
}

/** Statements with every node replaced by what `mapping` makes of it, from the inside out. */
export function mapStatements(statements: readonly IrStatement[], mapping: Mapping): IrStatement[] {
  const within = (body: readonly IrStatement[]): IrStatement[] => mapStatements(body, mapping);
  const value = (expression: IrExpression): IrExpression => mapExpression(expression, mapping);
  const rebuild = (statement: IrStatement): IrStatement => {
    switch (statement.op) {
      case "let":
        return statement.initial === undefined
          ? statement
          : { ...statement, initial: value(statement.initial) };
      case "assign":
        return { ...statement, place: mapPlace(statement.place, mapping), value: value(statement.value) };
      case "contextStore":
        return { ...statement, context: value(statement.context), value: value(statement.value) };
      case "evaluate":
        return { ...statement, expression: value(statement.expression) };
      case "if":
        return {
          ...statement,
          condition: value(statement.condition),
          then: within(statement.then),
          ...(statement.otherwise === undefined ? {} : { otherwise: within(statement.otherwise) }),
        };
      case "switch":
        return {
          ...statement,
          subject: value(statement.subject),
          cases: statement.cases.map((part) => ({ ...part, body: within(part.body) })),
        };
      case "loop":
        return {
          ...statement,
          initial: within(statement.initial),
          condition: value(statement.condition),
          update: within(statement.update),
          body: within(statement.body),
        };
      case "rangeLoop":
        return {
          ...statement,
          start: value(statement.start),
          end: value(statement.end),
          body: within(statement.body),
        };
      case "return":
        return statement.value === undefined ? statement : { ...statement, value: value(statement.value) };
      case "block":
      case "using":
        return { ...statement, body: within(statement.body) };
      case "release":
        return { ...statement, flags: value(statement.flags) };
      case "log":
        return { ...statement, arguments: statement.arguments.map(value) };
      case "break":
      case "continue":
        return statement;
    }
  };
  return statements.flatMap((statement) => {
    const rebuilt = rebuild(statement);
    return mapping.statement === undefined ? [rebuilt] : mapping.statement(rebuilt);
  });
}

export function mapExpression(expression: IrExpression, mapping: Mapping): IrExpression {
  const value = (inner: IrExpression): IrExpression => mapExpression(inner, mapping);
  const rebuild = (): IrExpression => {
    switch (expression.op) {
      case "constant":
      case "mapReference":
        return expression;
      case "load":
      case "address":
        return { ...expression, place: mapPlace(expression.place, mapping) };
      case "binary":
      case "compare":
      case "logical":
        return { ...expression, left: value(expression.left), right: value(expression.right) };
      case "unary":
      case "not":
      case "convert":
      case "byteSwap":
        return { ...expression, operand: value(expression.operand) };
      case "select":
        return {
          ...expression,
          condition: value(expression.condition),
          whenTrue: value(expression.whenTrue),
          whenFalse: value(expression.whenFalse),
        };
      case "struct":
        return {
          ...expression,
          ...(expression.base === undefined ? {} : { base: value(expression.base) }),
          fields: expression.fields.map((field) => ({ ...field, value: value(field.value) })),
        };
      case "array":
        return { ...expression, elements: expression.elements.map(value) };
      case "call":
        return { ...expression, arguments: expression.arguments.map(value) };
      case "contextLoad":
        return { ...expression, context: value(expression.context) };
      case "helper":
        return {
          ...expression,
          arguments: expression.arguments.map((argument) => ({ ...argument, value: value(argument.value) })),
        };
      case "mapLookup":
      case "mapDelete":
        return { ...expression, key: value(expression.key) };
      case "mapUpdate":
        return {
          ...expression,
          key: value(expression.key),
          value: value(expression.value),
          flags: value(expression.flags),
        };
      case "packet":
        return { ...expression, context: value(expression.context), offset: value(expression.offset) };
      case "elementOrNull":
        return { ...expression, base: mapPlace(expression.base, mapping), index: value(expression.index) };
      case "atomic":
        return {
          ...expression,
          place: mapPlace(expression.place, mapping),
          operand: value(expression.operand),
          ...(expression.expected === undefined ? {} : { expected: value(expression.expected) }),
        };
    }
  };
  const rebuilt = rebuild();
  return mapping.expression === undefined ? rebuilt : mapping.expression(rebuilt);
}

function mapPlace(place: IrPlace, mapping: Mapping): IrPlace {
  switch (place.place) {
    case "local":
    case "global":
      return place;
    case "deref":
      return { ...place, reference: mapExpression(place.reference, mapping) };
    case "field":
      return { ...place, base: mapPlace(place.base, mapping) };
    case "element":
      return {
        ...place,
        base: mapPlace(place.base, mapping),
        index: mapExpression(place.index, mapping),
      };
  }
}
