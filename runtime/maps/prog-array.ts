import { valueMismatch } from "../../compiler/diagnostics/map-access.ts";
import { encode } from "../btf/codec/codec.ts";
import { BpfError, errno, isSystemError, systemFailure } from "../errors.ts";
import { binding } from "../native.ts";
import type { Program } from "../program.ts";
import { BpfMap, type MapSource } from "./bpf-map.ts";

/**
 * `BPF_MAP_TYPE_PROG_ARRAY`: programs by index, the targets of tail calls. It empties itself when the last user-space reference (descriptor
 * or pin) goes (kernel/bpf/arraymap.c, prog_array_map_clear). Minimum kernel: 4.2.
 */
export class ProgArray extends BpfMap {
  declare readonly type: "prog_array";
  private readonly index;

  constructor(source: MapSource) {
    super(source);
    this.index = this.makeKeyCodec();
  }

  /** The id of the program at `index`. */
  get(index: number): number | undefined {
    const operation = `get from map ${this.name}`;
    const key = encode(this.index, index, operation, "key");
    const bytes = this.call("get from", () => binding().mapLookup(this.descriptor, key, 4));
    return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  }

  /**
   * Puts a program there: tail calls that run from now on reach it.
   *
   * @throws {BpfError} TSB4030 for a program of another type than those that are there or call from here.
   */
  set(index: number, program: Program): this {
    const operation = `set in map ${this.name}`;
    const key = encode(this.index, index, operation, "key");
    const value = new Uint8Array(new Uint32Array([program.descriptor.fd]).buffer);
    try {
      binding().mapUpdate(this.descriptor, key, value);
    } catch (error) {
      if (isSystemError(error) && error.errno === errno.EINVAL) {
        const what = `is program ${program.name}, of another type than the programs of this array`;
        throw new BpfError(operation, valueMismatch(undefined, "value", what), {
          errno: error.errno,
          cause: error,
        });
      }
      throw systemFailure(operation, error);
    }
    return this;
  }

  /** Empties a slot: tail calls to it fall through. False where it was empty. */
  delete(index: number): boolean {
    const key = encode(this.index, index, `delete from map ${this.name}`, "key");
    return this.call("delete from", () => binding().mapDelete(this.descriptor, key));
  }
}
