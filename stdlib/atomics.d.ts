/** Fields (or elements) of `T` that hold integers. */
type IntegerKey<T> = { [P in keyof T]: T[P] extends number | bigint ? P : never }[keyof T];

/**
 * BPF atomic instructions on a 32- or 64-bit field of an object that others may change at the same time (a map's value, a global):
 * `atomics.add(stats, "packets", 1n)`. A scalar map value is reached through its reference: `atomics.add(ref, "value", 1n)`.
 *
 * Each returns the value before the operation. Using that result, `exchange`, `compareExchange`, and `and`, `or`, `xor` at all need Linux 5.12.
 */
export declare namespace atomics {
  function add<T, P extends IntegerKey<T>>(object: T, field: P, value: T[P]): T[P];
  function and<T, P extends IntegerKey<T>>(object: T, field: P, value: T[P]): T[P];
  function or<T, P extends IntegerKey<T>>(object: T, field: P, value: T[P]): T[P];
  function xor<T, P extends IntegerKey<T>>(object: T, field: P, value: T[P]): T[P];
  /** Stores `value`. */
  function exchange<T, P extends IntegerKey<T>>(object: T, field: P, value: T[P]): T[P];
  /** Stores `value` if the field holds `expected`. */
  function compareExchange<T, P extends IntegerKey<T>>(
    object: T,
    field: P,
    expected: T[P],
    value: T[P],
  ): T[P];
}
