/** The smaller of two integers of one type. */
export declare function min<T extends number | bigint>(a: T, b: T): T;
/** The larger of two integers of one type. */
export declare function max<T extends number | bigint>(a: T, b: T): T;
/** `value`, but not below `low` and not above `high`. */
export declare function clamp<T extends number | bigint>(value: T, low: T, high: T): T;
