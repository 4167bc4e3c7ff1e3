// The integer types that the tables name.

import type { IntType } from "../ir/types.ts";

const int = (bits: IntType["bits"], signed: boolean): IntType => ({ kind: "int", bits, signed });
const network = (bits: IntType["bits"]): IntType => ({ kind: "int", bits, signed: false, bigEndian: true });

export const u8 = int(8, false);
export const u16 = int(16, false);
export const u32 = int(32, false);
export const u64 = int(64, false);
export const i32 = int(32, true);
export const be16 = network(16);
export const be32 = network(32);
export const be64 = network(64);
