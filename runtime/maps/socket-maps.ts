import { socketRefused, unsupportedOnMap, valueMismatch } from "../../compiler/diagnostics/map-access.ts";
import { type Codec, decode, encode } from "../btf/codec/codec.ts";
import { BpfError, errno, errnoText, isSystemError, systemFailure } from "../errors.ts";
import { binding } from "../native.ts";
import { BpfMap, type MapSource } from "./bpf-map.ts";

/** Maps of sockets. User space puts sockets in by file descriptor and gets their cookies out. */
export abstract class SocketMap<K> extends BpfMap {
  private readonly key: Codec;

  constructor(source: MapSource) {
    super(source);
    this.key = this.makeKeyCodec();
  }

  /**
   * The cookie of the socket under this key (`SO_COOKIE`, `bpf_get_socket_cookie`).
   *
   * @throws {BpfError} TSB4035 where the map's values have 4 bytes: a cookie needs 8.
   */
  get(key: K): bigint | undefined {
    const operation = `get from map ${this.name}`;
    if (this.valueSize !== 8) {
      const help = "declare the map with values of 8 bytes";
      throw new BpfError(
        operation,
        unsupportedOnMap(undefined, this.name, this.type, "cookies to read", help),
      );
    }
    const bytes = encode(this.key, key, operation, "key");
    const found = this.call("get from", () => binding().mapLookup(this.descriptor, bytes, 8));
    return found === undefined
      ? undefined
      : new DataView(found.buffer, found.byteOffset).getBigUint64(0, true);
  }

  /**
   * Puts a socket in. It leaves by itself when it is closed.
   *
   * @param socket file descriptor of an established or listening TCP socket, a bound UDP socket or a connected Unix socket.
   * @throws {BpfError} TSB4037 where the kernel does not take the socket.
   */
  set(key: K, socket: number): this {
    const operation = `set in map ${this.name}`;
    const keyBytes = encode(this.key, key, operation, "key");
    if (!Number.isInteger(socket) || socket < 0) {
      throw new BpfError(
        operation,
        valueMismatch(undefined, "value", `is ${socket}, a socket's file descriptor is wanted`),
      );
    }
    const value = new Uint8Array(this.valueSize);
    new DataView(value.buffer).setUint32(0, socket, true);
    try {
      binding().mapUpdate(this.descriptor, keyBytes, value);
    } catch (error) {
      throw refusal(this.name, operation, error);
    }
    return this;
  }

  /** Takes a socket out; data that redirects queued to it is lost. False where there was none. */
  delete(key: K): boolean {
    const bytes = encode(this.key, key, `delete from map ${this.name}`, "key");
    return this.call("delete from", () => {
      try {
        return binding().mapDelete(this.descriptor, bytes);
      } catch (error) {
        // net/core/sock_map.c, __sock_map_delete: an empty slot is EINVAL.
        if (isSystemError(error) && error.errno === errno.EINVAL) return false;
        throw error;
      }
    });
  }

  /** The keys under which there are sockets now. */
  *keys(): IterableIterator<K> {
    const seen = new Set<string>();
    let key: Uint8Array | undefined;
    for (let known = 0; known <= this.maxEntries; ) {
      const last = key;
      key = this.call("walk", () => binding().mapNextKey(this.descriptor, last, this.keySize));
      if (key === undefined) return;
      const name = Buffer.from(key).toString("latin1");
      if (seen.has(name)) {
        known++;
        continue;
      }
      seen.add(name);
      if (this.holds(key)) yield decode(this.key, key) as K;
    }
  }

  /** A `SockMap` is walked by index, taken or not. */
  private holds(key: Uint8Array): boolean {
    if (this.valueSize !== 8) return true;
    return this.call("walk", () => binding().mapLookup(this.descriptor, key, 8)) !== undefined;
  }
}

/** `BPF_MAP_TYPE_SOCKMAP`: sockets by index. Minimum kernel: 4.14. */
export class SockMap extends SocketMap<number> {
  declare readonly type: "sockmap";
}

/** `BPF_MAP_TYPE_SOCKHASH`: sockets by key. Minimum kernel: 4.18. */
export class SockHash<K = unknown> extends SocketMap<K> {
  declare readonly type: "sockhash";
}

/** What net/core/sock_map.c, sock_map_update_common and its callers, mean by their errors. */
function refusal(map: string, operation: string, error: unknown): BpfError {
  if (!isSystemError(error)) return systemFailure(operation, error);
  const reasons: Readonly<Record<number, string>> = {
    [errno.EBUSY]: "another map with programs has it already",
    [errno.EOPNOTSUPP]: "it is not established",
    [errno.EINVAL]: "its protocol or state does not allow it, or the map has no place for it",
    [errno.EBADF]: "there is no open file of that number",
    [errno.E2BIG]: "the map has no place under this key",
    88: "the file is not a socket",
  };
  const reason = reasons[error.errno];
  if (reason === undefined) return systemFailure(operation, error);
  const text = `${reason} (${errnoText(error.errno)})`;
  return new BpfError(operation, socketRefused(undefined, map, text), { errno: error.errno, cause: error });
}
