import { unknownContextField } from "../compiler/diagnostics/simulator.ts";
import type { IntType } from "../compiler/ir/types.ts";
import { type Context, type ContextField, contexts } from "../compiler/kernel/contexts.ts";
import type { ProgramKind } from "../compiler/kernel/programs.ts";
import type { UapiField } from "../compiler/kernel/uapi.gen.ts";
import { type Codec, decode, encode } from "../runtime/btf/codec/codec.ts";
import { BpfError } from "../runtime/errors.ts";
import { codecOf } from "./codec.ts";
import { allocate, type Pointer } from "./memory.ts";
import { Packet } from "./packet.ts";
import { SimulatedSocket } from "./socket.ts";

/** What a program is run on. Fields of the context stand beside these, by their names in the language. */
export interface RunInput {
  /** The packet or the message; empty by default. */
  readonly packet?: Uint8Array;
  /** What `sk` refers to; by default a socket where the kernel always has one. */
  readonly socket?: SimulatedSocket;
}

/** A program's context: the bytes of the kernel's struct, and what its pointers lead to. */
export class SimulatedContext {
  readonly kind: ProgramKind;
  readonly packetBytes: Packet;
  readonly socket: SimulatedSocket | undefined;
  readonly #context: Context;
  readonly #memory: Pointer;

  constructor(kind: ProgramKind, input: RunInput & Readonly<Record<string, unknown>>, operation: string) {
    this.kind = kind;
    this.#context = contexts[kind.context];
    this.#memory = allocate(this.#context.struct.size);
    const { packet, socket, ...fields } = input;
    this.packetBytes = new Packet(packet ?? new Uint8Array());
    this.socket = socket ?? (this.#needsSocket() ? new SimulatedSocket() : undefined);
    this.#describePacket();
    for (const [name, value] of Object.entries(fields)) this.#set(name, value, operation);
  }

  u8 = (field: string, index?: number): number => Number(this.#load(field, index) & 0xffn);
  u16 = (field: string, index?: number): number => Number(this.#load(field, index) & 0xffffn);
  u32 = (field: string, index?: number): number => Number(this.#load(field, index) & 0xffffffffn);
  u64 = (field: string, index?: number): bigint => this.#load(field, index);
  i32 = (field: string, index?: number): number => Number(BigInt.asIntN(32, this.#load(field, index)));
  i64 = (field: string, index?: number): bigint => BigInt.asIntN(64, this.#load(field, index));

  reference(_field: string): Pointer | null {
    return this.socket?.pointer ?? null;
  }

  put(value: number | bigint, field: string, index?: number): void {
    const { pointer, bytes } = this.#member(field, index);
    if (bytes === 8) pointer.putU64(0, BigInt.asUintN(64, BigInt(value)));
    else pointer.putU32(0, Number(BigInt.asUintN(32, BigInt(value))));
  }

  packet(offset: number, size: number): Pointer | null {
    return this.packetBytes.access(offset, size);
  }

  /** After the packet has changed its length. */
  refresh(): void {
    for (const name of ["len", "size"]) if (this.#has(name)) this.put(this.packetBytes.length, name);
  }

  /** Every field by its name in the language. */
  values(): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const field of this.#context.fields.values()) {
      if (field.type.kind !== "int") continue;
      values[field.name] = decode(codecOf(typeOf(field, field.type)), this.#bytes(field, field.type));
    }
    return values;
  }

  #has(kernel: string): boolean {
    return [...this.#context.fields.values()].some((field) => field.kernel === kernel);
  }

  /** The context's socket is there in every program of the kind. */
  #needsSocket(): boolean {
    const field = this.#context.fields.get("sk");
    return field?.type.kind === "reference" && !field.type.nullable;
  }

  /** What the kernel derives of the packet itself: its length and, as `eth_type_trans` and IP do, its protocol. */
  #describePacket(): void {
    this.refresh();
    if (this.#has("protocol") && this.#context.packet !== undefined) {
      const bytes = this.packetBytes.bytes();
      const version = (bytes[0] ?? 0) >> 4;
      const linkLayer = this.kind.context === "TcContext";
      const protocol = linkLayer
        ? (bytes[12] ?? 0) | ((bytes[13] ?? 0) << 8)
        : version === 4
          ? 0x0008
          : version === 6
            ? 0xdd86
            : 0;
      this.put(protocol, "protocol");
    }
  }

  #set(name: string, value: unknown, operation: string): void {
    const field = this.#context.fields.get(name);
    if (field?.type.kind !== "int") {
      const known = [...this.#context.fields.values()].flatMap(({ type, name: own }) =>
        type.kind === "int" ? [own] : [],
      );
      throw new BpfError(operation, unknownContextField(undefined, name, this.#context.name, known));
    }
    const { type } = field;
    const codec: Codec = codecOf(typeOf(field, type));
    const bytes = encode(codec, value, operation, name);
    const size = type.bits / 8;
    for (let index = 0; index < (field.length ?? 1); index++) {
      const { pointer, bytes: width } = this.#member(
        field.kernel,
        field.length === undefined ? field.index : index,
      );
      pointer.bytes(width).fill(0);
      pointer.bytes(size).set(bytes.subarray(index * size, (index + 1) * size));
    }
  }

  #bytes(field: ContextField, type: IntType): Uint8Array {
    const size = type.bits / 8;
    const bytes = new Uint8Array(size * (field.length ?? 1));
    for (let index = 0; index < (field.length ?? 1); index++) {
      const { pointer } = this.#member(field.kernel, field.length === undefined ? field.index : index);
      bytes.set(pointer.bytes(size), index * size);
    }
    return bytes;
  }

  #load(field: string, index: number | undefined): bigint {
    const { pointer, bytes } = this.#member(field, index);
    return bytes === 8 ? pointer.u64(0) : bytes === 4 ? BigInt(pointer.u32(0)) : BigInt(pointer.u8(0));
  }

  #member(kernel: string, index = 0): { readonly pointer: Pointer; readonly bytes: number } {
    const member = this.#context.struct.fields.find((field): field is UapiField => field.name === kernel);
    if (member === undefined) throw new Error(`${this.#context.struct.name} has no ${kernel}`);
    const bytes = member.size / (member.length ?? 1);
    return { pointer: this.#memory.plus(member.offset + index * bytes), bytes };
  }
}

function typeOf(field: ContextField, type: IntType) {
  return field.length === undefined
    ? type
    : ({ kind: "array", element: type, length: field.length } as const);
}
