// Each line after `@ts-expect-error` must be an error of TypeScript's own: what an editor shows before the compiler is asked.

import {
  ArrayMap,
  type be16,
  type be32,
  cgroup,
  type FixedArray,
  HashMap,
  htons,
  type i32,
  LpmTrie,
  RingBuffer,
  SkAction,
  SockHash,
  SockOp,
  skMsg,
  sockOps,
  type u8,
  u16,
  type u32,
  u64,
  xdp,
} from "tsbpf/stdlib";

declare const wide: u32;
declare const narrow: u16;
declare const long: u64;
declare const signed: i32;
declare const address: be32;
declare const port: be16;
declare const four: FixedArray<u8, 4>;
declare const index: u32;

export function integers(): void {
  const widened: u32 = narrow;
  // @ts-expect-error: narrowing wants u16()
  const narrowed: u16 = wide;
  const converted: u16 = u16(wide);
  // @ts-expect-error: signs do not mix
  const unsigned: u32 = signed;
  // @ts-expect-error: 64-bit literals are written 1n
  const one: u64 = 1;
  // @ts-expect-error: 64-bit and narrower integers do not mix
  const sum = long + wide;
  // @ts-expect-error: nor by assignment
  const assigned: u32 = long;
  const fine: u64 = u64(wide) + long;
  // @ts-expect-error: network order is no number to count with
  const host: u16 = port;
  // @ts-expect-error: and a number is not in network order
  const network: be16 = 80;
  // @ts-expect-error: widths of network order differ
  const other: be32 = htons(80);
  use(widened, narrowed, converted, unsigned, one, sum, assigned, fine, host, network, other, address);
}

declare function use(...values: (number | bigint | boolean | undefined)[]): void;

export function arrays(): void {
  const element: u8 = four[3];
  // @ts-expect-error: out of range
  const outside: u8 = four[4];
  // @ts-expect-error: an index that is not constant may be out of range
  const variable: u8 = four[index];
  // @ts-expect-error: as many elements as there are
  const short: FixedArray<u8, 4> = [1, 2, 3];
  use(element, outside, variable, short[0]);
}

interface Key {
  address: be32;
  port: be16;
}
const flows = new HashMap<Key, u64>({ maxEntries: 16 });
const sums = new ArrayMap<u64>({ maxEntries: 16 });
const sockets = new SockHash<Key>({ maxEntries: 16 });
const events = new RingBuffer<Key>({ maxEntries: 4096 });
// @ts-expect-error: the key of a trie begins with prefixlen
const trie = new LpmTrie<Key, u64>({ maxEntries: 16 });
// @ts-expect-error: how many entries must be said
const unsized = new HashMap<Key, u64>({});
// @ts-expect-error: an option that does not exist
const misspelt = new HashMap<Key, u64>({ maxEntries: 16, maxEntry: 1 });

export function maps(): void {
  use(trie.has({ address, port }), unsized.delete({ address, port }), misspelt.has({ address, port }));
  // @ts-expect-error: a value may be missing
  const count: u64 = flows.get({ address, port });
  // @ts-expect-error: a field of the key is missing
  flows.has({ address });
  // @ts-expect-error: entries of an array cannot be removed
  sums.delete(0);
  use(count);
}

export const message = skMsg((msg) => {
  // @ts-expect-error: a HashMap is no SockHash
  msg.redirectHash(flows, { address, port });
  // @ts-expect-error: read-only
  msg.size = 3;
  // @ts-expect-error: what xdp has, sk_msg has not
  msg.adjustHead(1);
  // @ts-expect-error: the reservation may have failed
  events.reserve().record.port = port;
  return msg.redirectHash(sockets, { address, port });
});

export const operation = sockOps((ctx) => {
  // @ts-expect-error: only some operations have a reply
  ctx.reply = 1;
  if (ctx.op === SockOp.TIMEOUT_INIT) ctx.reply = 10;
  // @ts-expect-error: only a change of state has states
  if (ctx.op === SockOp.RTT_CB) use(ctx.newState);
  // @ts-expect-error: the socket may be missing
  use(ctx.sk.mark);
});

// @ts-expect-error: connect hooks answer a boolean
export const connect = cgroup.connect4(() => 1);
// @ts-expect-error: an action of another program type
export const action = xdp(() => SkAction.PASS);
export const inspect = cgroup.skbIngress((packet) => {
  const key = packet.header<Key>(0);
  // @ts-expect-error: packets of this program type are read-only
  if (key) key.port = port;
  return true;
});

export function absent(): void {
  // @ts-expect-error: no dates in the kernel
  Date.now();
  // @ts-expect-error: no JSON
  JSON.stringify(1);
  // @ts-expect-error: no timers
  setTimeout(() => {}, 1);
  // @ts-expect-error: no Math
  Math.max(1, 2);
}
