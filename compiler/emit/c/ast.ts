import type { Span } from "../../diagnostics/diagnostic.ts";

// The part of GNU C that the emitter produces. Nodes carry the source span they stand for, where there is one.

export type CType =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "tag"; readonly keyword: "struct" | "enum"; readonly tag: string }
  | { readonly kind: "record"; readonly keyword: "struct" | "union"; readonly members: readonly CMember[] }
  | { readonly kind: "qualified"; readonly qualifiers: string; readonly type: CType }
  | { readonly kind: "pointer"; readonly target: CType }
  | { readonly kind: "array"; readonly element: CType; readonly length: number }
  | {
      readonly kind: "function";
      readonly result: CType;
      readonly parameters: readonly CType[];
    };

export interface CMember {
  readonly name: string;
  readonly type: CType;
}

interface Node {
  readonly span?: Span | undefined;
}

export type CBinaryOperator =
  | "*"
  | "/"
  | "%"
  | "+"
  | "-"
  | "<<"
  | ">>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "=="
  | "!="
  | "&"
  | "^"
  | "|"
  | "&&"
  | "||";

export type CUnaryOperator = "-" | "~" | "!" | "*" | "&";

export type CExpression = Node &
  (
    | { readonly kind: "identifier"; readonly name: string }
    /** As it stands, suffix included; negative ones are made by `-`. */
    | { readonly kind: "number"; readonly text: string }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "unary"; readonly operator: CUnaryOperator; readonly operand: CExpression }
    | {
        readonly kind: "binary";
        readonly operator: CBinaryOperator;
        readonly left: CExpression;
        readonly right: CExpression;
      }
    | {
        readonly kind: "conditional";
        readonly condition: CExpression;
        readonly whenTrue: CExpression;
        readonly whenFalse: CExpression;
      }
    | { readonly kind: "assign"; readonly target: CExpression; readonly value: CExpression }
    | { readonly kind: "postIncrement"; readonly operand: CExpression }
    | { readonly kind: "call"; readonly callee: CExpression; readonly arguments: readonly CExpression[] }
    | { readonly kind: "member"; readonly base: CExpression; readonly name: string }
    | { readonly kind: "arrow"; readonly base: CExpression; readonly name: string }
    | { readonly kind: "index"; readonly base: CExpression; readonly index: CExpression }
    | { readonly kind: "cast"; readonly type: CType; readonly operand: CExpression }
    | { readonly kind: "compound"; readonly type: CType; readonly initializer: CInitializerList }
    | { readonly kind: "sizeofType"; readonly type: CType }
    /** `__builtin_offsetof`: members by name, elements by number. */
    | { readonly kind: "offsetof"; readonly type: CType; readonly path: readonly (string | number)[] }
    /** GNU C's `({ … })`: its value is that of the last expression. */
    | { readonly kind: "statements"; readonly body: readonly CStatement[]; readonly value: CExpression }
  );

export interface CInitializerList extends Node {
  readonly kind: "list";
  readonly items: readonly { readonly field?: string; readonly value: CInitializer }[];
}

export type CInitializer = CExpression | CInitializerList;

export interface CVariable extends Node {
  readonly kind: "variable";
  readonly name: string;
  readonly type: CType;
  readonly storage?: "static" | undefined;
  readonly attributes?: readonly string[];
  readonly initializer?: CInitializer | undefined;
}

export type CStatement = Node &
  (
    | CVariable
    | { readonly kind: "expression"; readonly expression: CExpression }
    | { readonly kind: "block"; readonly body: readonly CStatement[] }
    | {
        readonly kind: "if";
        readonly condition: CExpression;
        readonly then: readonly CStatement[];
        readonly otherwise?: readonly CStatement[];
      }
    | {
        readonly kind: "for";
        readonly initial?: CVariable | undefined;
        readonly condition?: CExpression | undefined;
        readonly update?: CExpression | undefined;
        readonly body: readonly CStatement[];
      }
    | { readonly kind: "switch"; readonly subject: CExpression; readonly cases: readonly CCase[] }
    | { readonly kind: "break" }
    | { readonly kind: "continue" }
    | { readonly kind: "return"; readonly value?: CExpression | undefined }
    | { readonly kind: "goto"; readonly label: string }
    | { readonly kind: "label"; readonly label: string }
    /** `asm volatile`: what clang must leave where it is and as it is. */
    | {
        readonly kind: "asm";
        readonly template: string;
        readonly outputs: readonly COperand[];
        readonly inputs: readonly COperand[];
        readonly clobbersMemory?: boolean;
      }
  );

/** Of `asm`, with its constraint. */
export interface COperand {
  readonly constraint: string;
  readonly value: CExpression;
}

export interface CCase extends Node {
  /** `default` where empty or `isDefault`. */
  readonly values: readonly CExpression[];
  readonly isDefault: boolean;
  readonly body: readonly CStatement[];
}

export interface CFunction extends Node {
  readonly kind: "function";
  readonly name: string;
  readonly result: CType;
  readonly parameters: readonly CMember[];
  readonly storage?: "static" | undefined;
  readonly attributes: readonly string[];
  readonly body: readonly CStatement[];
}

export type CDeclaration =
  | { readonly kind: "typedef"; readonly name: string; readonly type: CType }
  | {
      readonly kind: "struct";
      readonly tag: string;
      readonly members: readonly CMember[];
      readonly attributes?: readonly string[];
    }
  | {
      readonly kind: "enum";
      readonly tag: string;
      /** The fixed underlying type, clang's extension to C. */
      readonly underlying: CType;
      readonly members: readonly { readonly name: string; readonly value: CExpression }[];
    }
  | CVariable
  | CFunction;

/** Groups of declarations are set apart by an empty line. */
export interface CUnit {
  readonly groups: readonly (readonly CDeclaration[])[];
}
