import type { StructType } from "../compiler/ir/types.ts";
import { kernelStructs } from "../compiler/kernel/structs.ts";
import { encodeInto } from "../runtime/btf/codec/codec.ts";
import { codecOf } from "./codec.ts";
import { allocate, Pointer } from "./memory.ts";

export interface SocketOptions {
  /** What `bpf_get_socket_cookie` answers; by default every socket has its own, from 1. */
  readonly cookie?: bigint;
  readonly netnsCookie?: bigint;
  /** Its cgroup and those around it, the root's first. */
  readonly cgroupIds?: readonly bigint[];
  /** Fields of `Socket`, by their names in the language: `family`, `dstPort`, `mark` … */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Fields of `TcpSocket`; without it the socket is no TCP socket. */
  readonly tcp?: Readonly<Record<string, unknown>>;
  /** The socket that listens for it. */
  readonly listener?: SimulatedSocket;
}

let cookies = 0n;

/** A socket that exists in the simulator alone: what contexts refer to, and what socket maps hold. */
export class SimulatedSocket {
  readonly cookie: bigint;
  readonly netnsCookie: bigint;
  readonly cgroupIds: readonly bigint[];
  /** @internal `struct bpf_sock` */
  readonly pointer: SocketPointer;
  /** @internal `struct bpf_tcp_sock` */
  readonly tcp: SocketPointer | null;
  readonly listener: SimulatedSocket | null;

  constructor(options: SocketOptions = {}) {
    cookies++;
    this.cookie = options.cookie ?? cookies;
    this.netnsCookie = options.netnsCookie ?? 1n;
    this.cgroupIds = options.cgroupIds ?? [];
    this.pointer = this.#struct("Socket", options.fields ?? {});
    this.tcp = options.tcp === undefined ? null : this.#struct("TcpSocket", options.tcp);
    this.listener = options.listener ?? null;
  }

  #struct(name: "Socket" | "TcpSocket", values: Readonly<Record<string, unknown>>): SocketPointer {
    const { layout, fields } = kernelStructs[name];
    const memory = allocate(layout.size);
    const operation = `make a simulated ${name}`;
    for (const [key, value] of Object.entries(values)) {
      const field = fields.get(key);
      const named: StructType = { ...layout, name, fields: [...fields].map(([n, f]) => ({ ...f, name: n })) };
      const codec = field === undefined ? codecOf(named) : codecOf(field.type);
      // Writing the whole is how the codec says which fields there are.
      const given = field === undefined ? { [key]: value } : value;
      encodeInto(codec, given, memory.bytes(layout.size), field?.offset ?? 0, operation, key);
    }
    return new SocketPointer(this, memory);
  }
}

/** A reference to a socket, which helpers want to know again. */
export class SocketPointer extends Pointer {
  readonly socket: SimulatedSocket;

  constructor(socket: SimulatedSocket, memory: Pointer) {
    super(memory.view, memory.at);
    this.socket = socket;
  }
}
