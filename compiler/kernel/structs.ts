// Structs of the kernel's user API that programs reach through references, with their real layout.

import type { ArrayType, IntType, IrType, StructField, StructType } from "../ir/types.ts";
import { be16, be32, i32, u32, u64 } from "./ints.ts";
import { type UapiStruct, uapiStructs } from "./uapi.gen.ts";

/** `source_field` → `sourceField`: the DSL's name of a kernel name. */
export function camelCase(kernel: string): string {
  return kernel.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A kernel struct as the DSL declares it. Two interfaces may share a layout: `Socket` and the part of it that `SocketCommon` may read. */
export interface KernelStruct {
  /** The interface in `tsbpf/stdlib`. */
  readonly name: string;
  /** Its fields have the kernel's names; the DSL's are theirs in camelCase. */
  readonly layout: StructType;
  /** DSL field name to field; what is not here the verifier does not let a program read. */
  readonly fields: ReadonlyMap<string, StructField>;
  /** The stdlib enum that a field is typed with. */
  readonly enums: ReadonlyMap<string, string>;
}

type FieldTypes = Readonly<Record<string, IntType>>;

function layoutOf(struct: UapiStruct, types: FieldTypes): StructType {
  const fields = struct.fields.map((field): StructField => {
    const bits = (field.size / (field.length ?? 1)) * 8;
    const element = types[field.name] ?? (bits === 64 ? u64 : u32);
    if (element.bits !== bits) throw new Error(`${struct.name}.${field.name} has ${bits} bits`);
    const type: IrType =
      field.length === undefined
        ? element
        : ({ kind: "array", element, length: field.length } satisfies ArrayType);
    return { name: field.name, type, offset: field.offset };
  });
  return { kind: "struct", name: struct.name, fields, size: struct.size, align: 8 };
}

function kernelStruct(
  name: string,
  layout: StructType,
  hidden: readonly string[],
  enums: Readonly<Record<string, string>>,
): KernelStruct {
  const fields = new Map<string, StructField>();
  for (const field of layout.fields) {
    if (!hidden.includes(field.name)) fields.set(camelCase(field.name), field);
  }
  return { name, layout, fields, enums: new Map(Object.entries(enums)) };
}

const bpfSock = layoutOf(uapiStructs.bpf_sock, {
  src_ip4: be32,
  src_ip6: be32,
  dst_port: be16,
  dst_ip4: be32,
  dst_ip6: be32,
  rx_queue_mapping: i32,
});

const bpfTcpSock = layoutOf(uapiStructs.bpf_tcp_sock, {});

export const kernelStructs = {
  Socket: kernelStruct("Socket", bpfSock, [], {
    family: "AddressFamily",
    type: "SocketType",
    protocol: "IpProtocol",
    state: "TcpState",
  }),
  // net/core/filter.c bpf_sock_common_is_valid_access() refuses these four.
  SocketCommon: kernelStruct("SocketCommon", bpfSock, ["type", "protocol", "mark", "priority"], {
    family: "AddressFamily",
    state: "TcpState",
  }),
  TcpSocket: kernelStruct("TcpSocket", bpfTcpSock, [], {}),
} as const satisfies Record<string, KernelStruct>;

export type KernelStructName = keyof typeof kernelStructs;
