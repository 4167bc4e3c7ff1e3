import type { ArrayType, IrType } from "../ir/types.ts";
import type { CType } from "./c/ast.ts";
import { declarator } from "./c/types.ts";
import type { TypeEmitter } from "./types.ts";

/** The only member of the structs that arrays are returned in. */
export const arrayResultMember = "elements";

/** C functions return no arrays; a struct around the array does it. */
export class ArrayResults {
  readonly #types: TypeEmitter;
  readonly #structs = new Map<string, CType>();

  constructor(types: TypeEmitter) {
    this.#types = types;
  }

  of(type: IrType): CType {
    return type.kind === "array" ? this.#around(type) : this.#types.of(type);
  }

  #around(type: ArrayType): CType {
    const array = this.#types.of(type);
    const key = declarator(array, "");
    const known = this.#structs.get(key);
    if (known !== undefined) return known;
    const made = this.#types.own("array_result", [{ name: arrayResultMember, type: array }]);
    this.#structs.set(key, made);
    return made;
  }
}
