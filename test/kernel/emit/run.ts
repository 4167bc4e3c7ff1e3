import type { Collection } from "../../../runtime/index.ts";

/** `struct __sk_buff` of linux/bpf.h. */
const contextSize = 192;
const offsets = { mark: 8, priority: 32, cb: 48 } as const;

export interface Packet {
  readonly mark?: number;
  readonly priority?: number;
  /** What `skb->cb[0]` holds. */
  readonly cb?: number;
  readonly data?: Uint8Array;
}

/** Runs a tc program once on a packet, and gives what it returned as a signed number. */
export function runTc(app: Collection, program: string, packet: Packet = {}): number {
  const context = new Uint8Array(contextSize);
  const view = new DataView(context.buffer);
  for (const [field, offset] of Object.entries(offsets)) {
    view.setUint32(offset, packet[field as keyof typeof offsets] ?? 0, true);
  }
  const data = packet.data ?? new Uint8Array(64);
  return app.program(program).run({ data, context }).result | 0;
}
