// The part of JavaScript that programs are printed in.

export type UnaryOperator = "-" | "~" | "!";

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "&"
  | "|"
  | "^"
  | "<<"
  | ">>"
  | ">>>"
  | "==="
  | "!=="
  | "<"
  | "<="
  | ">"
  | ">="
  | "&&"
  | "||";

export type JsExpression =
  | { readonly kind: "identifier"; readonly name: string }
  | { readonly kind: "literal"; readonly value: number | bigint | string | boolean | null }
  | { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: JsExpression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: JsExpression;
      readonly right: JsExpression;
    }
  | {
      readonly kind: "conditional";
      readonly condition: JsExpression;
      readonly whenTrue: JsExpression;
      readonly whenFalse: JsExpression;
    }
  | { readonly kind: "assign"; readonly target: JsExpression; readonly value: JsExpression }
  | { readonly kind: "call"; readonly callee: JsExpression; readonly arguments: readonly JsExpression[] }
  | { readonly kind: "member"; readonly object: JsExpression; readonly name: string }
  | { readonly kind: "arrow"; readonly parameters: readonly string[]; readonly body: readonly JsStatement[] }
  | { readonly kind: "array"; readonly elements: readonly JsExpression[] }
  | { readonly kind: "object"; readonly properties: readonly (readonly [string, JsExpression])[] };

export interface JsDeclaration {
  readonly kind: "declare";
  readonly keyword: "const" | "let";
  readonly variables: readonly (readonly [name: string, value: JsExpression])[];
}

export type JsStatement =
  | JsDeclaration
  | { readonly kind: "expression"; readonly expression: JsExpression }
  | {
      readonly kind: "if";
      readonly condition: JsExpression;
      readonly then: readonly JsStatement[];
      readonly otherwise?: readonly JsStatement[];
    }
  | {
      readonly kind: "for";
      readonly label?: string;
      readonly initial?: JsDeclaration;
      readonly condition: JsExpression;
      readonly update: readonly JsExpression[];
      readonly body: readonly JsStatement[];
    }
  | {
      readonly kind: "switch";
      readonly label?: string;
      readonly subject: JsExpression;
      readonly cases: readonly JsCase[];
    }
  | { readonly kind: "block"; readonly label?: string; readonly body: readonly JsStatement[] }
  | { readonly kind: "break" | "continue"; readonly label?: string }
  | { readonly kind: "return"; readonly value?: JsExpression }
  | { readonly kind: "try"; readonly body: readonly JsStatement[]; readonly finally: readonly JsStatement[] }
  | {
      readonly kind: "function";
      readonly name: string;
      readonly parameters: readonly string[];
      readonly body: readonly JsStatement[];
      /** `export default` stands before it. */
      readonly exported?: boolean;
    }
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "blank" };

export interface JsCase {
  readonly values: readonly JsExpression[];
  readonly isDefault: boolean;
  readonly body: readonly JsStatement[];
}
