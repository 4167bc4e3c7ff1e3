// The types that BTF describes (Documentation/bpf/btf.rst). Other types are named by their id; 0 is `void`.

export interface BtfInt {
  readonly kind: "int";
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** How many bits of them count. */
  readonly bits: number;
  readonly signed: boolean;
  readonly boolean: boolean;
  readonly char: boolean;
}

export interface BtfPointer {
  readonly kind: "pointer";
  readonly type: number;
}

export interface BtfArray {
  readonly kind: "array";
  readonly element: number;
  readonly length: number;
}

export interface BtfMember {
  /** Empty for a member without a name, whose own members count as the parent's. */
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  /** 0 for one that is not a bit field. */
  readonly bitSize: number;
}

export interface BtfComposite {
  readonly kind: "struct" | "union";
  readonly name: string;
  readonly size: number;
  readonly members: readonly BtfMember[];
}

export interface BtfEnum {
  readonly kind: "enum";
  readonly name: string;
  readonly size: number;
  readonly signed: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

export interface BtfForward {
  readonly kind: "forward";
  readonly name: string;
  readonly union: boolean;
}

/** What adds a name or a quality to a type and changes nothing in its layout. */
export interface BtfModifier {
  readonly kind: "typedef" | "volatile" | "const" | "restrict" | "typeTag";
  readonly name: string;
  readonly type: number;
}

export interface BtfFunction {
  readonly kind: "function";
  readonly name: string;
  /** Of its prototype. */
  readonly type: number;
  readonly linkage: number;
}

export interface BtfPrototype {
  readonly kind: "prototype";
  readonly result: number;
  readonly parameters: readonly { readonly name: string; readonly type: number }[];
}

export interface BtfVariable {
  readonly kind: "variable";
  readonly name: string;
  readonly type: number;
  readonly linkage: number;
}

export interface BtfDataSection {
  readonly kind: "dataSection";
  readonly name: string;
  readonly size: number;
  readonly variables: readonly { readonly type: number; readonly offset: number; readonly size: number }[];
}

export interface BtfFloat {
  readonly kind: "float";
  readonly name: string;
  readonly size: number;
}

export interface BtfDeclarationTag {
  readonly kind: "declarationTag";
  readonly name: string;
  readonly type: number;
  readonly component: number;
}

export interface BtfVoid {
  readonly kind: "void";
}

export type BtfType =
  | BtfVoid
  | BtfInt
  | BtfPointer
  | BtfArray
  | BtfComposite
  | BtfEnum
  | BtfForward
  | BtfModifier
  | BtfFunction
  | BtfPrototype
  | BtfVariable
  | BtfDataSection
  | BtfFloat
  | BtfDeclarationTag;
