import { socketRefused } from "../../compiler/diagnostics/map-access.ts";
import { type Codec, decode, encode } from "../btf/codec/codec.ts";
import { integerCodec } from "../btf/codec/scalar.ts";
import { BpfError, errno, isSystemError, systemFailure } from "../errors.ts";
import { binding } from "../native.ts";
import { BpfMap, type MapSource } from "./bpf-map.ts";

const fileDescriptor = integerCodec(true, 4, true, "a file descriptor");

/**
 * `BPF_MAP_TYPE_SK_STORAGE`: a value that lives in a socket. From user space the key is the socket's file descriptor; the entries cannot be
 * walked. Minimum kernel: 5.2.
 */
export class SkStorage<V = unknown> extends BpfMap {
  declare readonly type: "sk_storage";
  private readonly value: Codec;

  constructor(source: MapSource) {
    super(source);
    this.value = this.makeValueCodec();
  }

  /** The value of the socket, or `undefined` where it has none. */
  get(socket: number): V | undefined {
    const key = encode(fileDescriptor, socket, `get from map ${this.name}`, "key");
    const bytes = this.onSocket("get from", socket, () =>
      binding().mapLookup(this.descriptor, key, this.value.size),
    );
    return bytes === undefined ? undefined : (decode(this.value, bytes) as V);
  }

  set(socket: number, value: V): this {
    const operation = `set in map ${this.name}`;
    const key = encode(fileDescriptor, socket, operation, "key");
    const bytes = encode(this.value, value, operation, "value");
    this.onSocket("set in", socket, () => binding().mapUpdate(this.descriptor, key, bytes));
    return this;
  }

  /** False where the socket had no value. */
  delete(socket: number): boolean {
    const key = encode(fileDescriptor, socket, `delete from map ${this.name}`, "key");
    return this.onSocket("delete from", socket, () => binding().mapDelete(this.descriptor, key));
  }

  private onSocket<T>(verb: string, socket: number, action: () => T): T {
    const descriptor = this.descriptor;
    try {
      return action();
    } catch (error) {
      const operation = `${verb} map ${this.name}`;
      // The key is a descriptor itself: EBADF and ENOTSOCK are about it, the map's own being open.
      if (isSystemError(error) && !descriptor.closed && (error.errno === errno.EBADF || error.errno === 88)) {
        const reason = `file descriptor ${socket} is not an open socket`;
        throw new BpfError(operation, socketRefused(undefined, this.name, reason), {
          errno: error.errno,
          cause: error,
        });
      }
      throw systemFailure(operation, error);
    }
  }
}
