import type * as K from "tsbpf/stdlib";

// What the types of a kernel module become in user space: `u64` is a `bigint`, every narrower integer a `number`, network order is undone,
// `FixedArray`s of integers are typed arrays, structs are plain objects. `codec/` does to the bytes what this does to the types.

/** The tags that a flavoured or branded scalar of the DSL carries; `never` for a plain number, a literal or an enum. */
type TagOf<T> = T extends { readonly [K.flavour]?: infer Tag } ? Exclude<Tag, undefined> & string : never;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** The typed array of integers with these tags; `Otherwise` where the elements are no plain integers. */
type TypedArrayOf<T, Otherwise> = T extends K.be16
  ? Uint16Array
  : T extends K.be32
    ? Uint32Array
    : T extends K.be64
      ? BigUint64Array
      : Same<TagOf<T>, TagOf<K.u8>> extends true
        ? Uint8Array
        : Same<TagOf<T>, TagOf<K.u16>> extends true
          ? Uint16Array
          : Same<TagOf<T>, TagOf<K.u32>> extends true
            ? Uint32Array
            : Same<TagOf<T>, TagOf<K.i8>> extends true
              ? Int8Array
              : Same<TagOf<T>, TagOf<K.i16>> extends true
                ? Int16Array
                : Same<TagOf<T>, TagOf<K.i32>> extends true
                  ? Int32Array
                  : Same<TagOf<T>, TagOf<K.u64>> extends true
                    ? BigUint64Array
                    : Same<TagOf<T>, TagOf<K.i64>> extends true
                      ? BigInt64Array
                      : Otherwise;

/** An enum or a literal stays what it is, a flavoured number is a `number`. */
type UserNumber<T> = [TagOf<T>] extends [never] ? T : number;

/** What user space reads where the kernel module has a `T`. */
export type User<T> = T extends boolean
  ? T
  : T extends bigint
    ? bigint
    : T extends number
      ? UserNumber<T>
      : T extends K.FixedElements<infer Element, infer _Length>
        ? TypedArrayOf<Element, User<Element>[]>
        : T extends object
          ? { -readonly [P in keyof T]: User<T[P]> }
          : T;

/** What user space may give where the kernel module has a `T`: as `User`, and for a typed array an ordinary one as well. */
export type UserInput<T> = T extends boolean
  ? T
  : T extends bigint
    ? bigint
    : T extends number
      ? UserNumber<T>
      : T extends K.FixedElements<infer Element, infer _Length>
        ? TypedArrayOf<Element, never> | readonly UserInput<Element>[]
        : T extends object
          ? { readonly [P in keyof T]: UserInput<T[P]> }
          : T;
