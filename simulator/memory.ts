import { Buffer } from "node:buffer";

export type ScalarName = "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" | "bool";
export type ScalarValue = number | bigint | boolean;
export type AtomicOperator = "add" | "and" | "or" | "xor" | "exchange" | "compareExchange";

/** Bytes, and a place in them: what a reference of a program is. Memory is little-endian, as on every machine that the project supports. */
export class Pointer {
  readonly view: DataView;
  readonly at: number;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.at = at;
  }

  plus(offset: number): Pointer {
    return new Pointer(this.view, this.at + offset);
  }

  u8(offset: number): number {
    return this.view.getUint8(this.at + offset);
  }

  u16(offset: number): number {
    return this.view.getUint16(this.at + offset, true);
  }

  u32(offset: number): number {
    return this.view.getUint32(this.at + offset, true);
  }

  u64(offset: number): bigint {
    return this.view.getBigUint64(this.at + offset, true);
  }

  i8(offset: number): number {
    return this.view.getInt8(this.at + offset);
  }

  i16(offset: number): number {
    return this.view.getInt16(this.at + offset, true);
  }

  i32(offset: number): number {
    return this.view.getInt32(this.at + offset, true);
  }

  i64(offset: number): bigint {
    return this.view.getBigInt64(this.at + offset, true);
  }

  bool(offset: number): boolean {
    return this.view.getUint8(this.at + offset) !== 0;
  }

  putU8(offset: number, value: number): void {
    this.view.setUint8(this.at + offset, value);
  }

  putU16(offset: number, value: number): void {
    this.view.setUint16(this.at + offset, value, true);
  }

  putU32(offset: number, value: number): void {
    this.view.setUint32(this.at + offset, value, true);
  }

  putU64(offset: number, value: bigint): void {
    this.view.setBigUint64(this.at + offset, value, true);
  }

  putI8(offset: number, value: number): void {
    this.view.setInt8(this.at + offset, value);
  }

  putI16(offset: number, value: number): void {
    this.view.setInt16(this.at + offset, value, true);
  }

  putI32(offset: number, value: number): void {
    this.view.setInt32(this.at + offset, value, true);
  }

  putI64(offset: number, value: bigint): void {
    this.view.setBigInt64(this.at + offset, value, true);
  }

  putBool(offset: number, value: boolean): void {
    this.view.setUint8(this.at + offset, value ? 1 : 0);
  }

  /** The bytes themselves, not a copy. */
  bytes(size: number): Uint8Array {
    return new Uint8Array(this.view.buffer, this.view.byteOffset + this.at, size);
  }

  /** Copies from `source`, which may overlap. */
  assign(source: Pointer, size: number): void {
    this.bytes(size).set(source.bytes(size));
  }

  /** An element of an array at `offset`, or null where `index` is not below `length`. */
  element(offset: number, index: number | bigint, size: number, length: number): Pointer | null {
    return index >= 0 && index < length ? this.plus(offset + size * Number(index)) : null;
  }

  /** Changes a scalar and gives what it was. `operands` are the new value, or the expected and the new one. */
  atomic(
    operator: AtomicOperator,
    type: ScalarName,
    offset: number,
    ...operands: ScalarValue[]
  ): ScalarValue {
    const before = readScalar(this, type, offset);
    writeScalar(this, type, offset, changed(operator, before, operands));
    return before;
  }
}

function changed(operator: AtomicOperator, before: ScalarValue, operands: readonly ScalarValue[]): bigint {
  const old = BigInt(before);
  const [first = 0n, second = 0n] = operands.map(BigInt);
  switch (operator) {
    case "add":
      return old + first;
    case "and":
      return old & first;
    case "or":
      return old | first;
    case "xor":
      return old ^ first;
    case "exchange":
      return first;
    case "compareExchange":
      return old === first ? second : old;
  }
}

/** Memory of its own, all zero. */
export function allocate(size: number): Pointer {
  return new Pointer(new DataView(new ArrayBuffer(size)), 0);
}

export function copyOf(source: Pointer, size: number): Pointer {
  const copy = allocate(size);
  copy.assign(source, size);
  return copy;
}

/** A pointer to a copy of these bytes. */
export function pointerTo(bytes: Uint8Array): Pointer {
  const copy = bytes.slice();
  return new Pointer(new DataView(copy.buffer), 0);
}

/** Memory that `fill` has filled. */
export function build(memory: Pointer, fill: (memory: Pointer) => void): Pointer {
  fill(memory);
  return memory;
}

/** A scalar in memory of its own. */
export function box(type: ScalarName, value: ScalarValue): Pointer {
  const memory = allocate(scalarSize(type));
  writeScalar(memory, type, 0, BigInt(value));
  return memory;
}

function scalarSize(type: ScalarName): number {
  return type === "bool" ? 1 : Number(type.slice(1)) / 8;
}

function readScalar(pointer: Pointer, type: ScalarName, offset: number): ScalarValue {
  return pointer[type](offset);
}

/** Keeps the low bits of `value`. */
function writeScalar(pointer: Pointer, type: ScalarName, offset: number, value: bigint): void {
  const { view } = pointer;
  const at = pointer.at + offset;
  const low = BigInt.asUintN(64, value);
  switch (scalarSize(type)) {
    case 1:
      view.setUint8(at, Number(low & 0xffn));
      return;
    case 2:
      view.setUint16(at, Number(low & 0xffffn), true);
      return;
    case 4:
      view.setUint32(at, Number(low & 0xffffffffn), true);
      return;
    default:
      view.setBigUint64(at, low, true);
  }
}

/** Bytes as a key of JavaScript's maps. */
export function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
