import type { u32 } from "./types.js";

/** How often a loop runs at most: a constant. */
export interface RangeOptions {
  readonly max: number;
}

/**
 * `for (const i of range(n, { max }))` counts from 0 to `n`, exclusive, and ends early after `max` iterations. `max` may be left out where `n` is a constant.
 */
export declare function range(end: number, options?: RangeOptions): IterableIterator<u32>;
/** Counts from `start` to `end`, exclusive. `max` may be left out where both are constants. */
export declare function range(start: number, end: number, options?: RangeOptions): IterableIterator<u32>;
