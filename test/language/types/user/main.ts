// User space, under the ordinary libraries, typed from a kernel module. Checked, never run: every line is an expectation.

import type { TcpState } from "tsbpf/stdlib";
import type { Collection } from "../../../../runtime/collection.ts";
import type { LoadObjectOptions } from "../../../../runtime/load-object.ts";
import type { GlobalsOf, MapsOf, ProgramsOf, User } from "../../../../runtime/types.ts";
import type * as Flows from "../kernel/flows.bpf.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : [A, "is not", B]): void {}

declare const maps: MapsOf<typeof Flows>;
declare const programs: ProgramsOf<typeof Flows>;
declare const globals: GlobalsOf<typeof Flows>;

type Key = { address: number; port: number; zone: number };
type Times = { first: bigint; last: bigint };

export function values(): void {
  const stats = maps.flows.get({ address: 0x7f000001, port: 80, zone: 0 });
  if (stats === undefined) return;
  same<typeof stats.packets, bigint>();
  same<typeof stats.flags, number>();
  same<typeof stats.delta, number>();
  same<typeof stats.established, boolean>();
  same<typeof stats.mac, Uint8Array>();
  same<typeof stats.histogram, BigUint64Array>();
  same<typeof stats.hops, Uint32Array>();
  same<typeof stats.spans, Times[]>();
  same<typeof stats.seen, boolean[]>();
  same<typeof stats.verdict, Flows.FlowStats["verdict"]>();
  stats.flags = 3;
  // @ts-expect-error: 64-bit integers are bigints
  stats.packets = 3;
  // @ts-expect-error: an array of bytes is a Uint8Array
  stats.mac = [1, 2, 3, 4, 5, 6];
  same<User<Flows.FlowKey>, Key>();
}

export function everyMap(): void {
  same<ReturnType<typeof maps.counts.get>, bigint | undefined>();
  same<ReturnType<typeof maps.perCpu.get>, number[] | undefined>();
  same<Parameters<typeof maps.perCpu.get>[0], bigint>();
  same<ReturnType<typeof maps.slots.get>, Times | undefined>();
  same<ReturnType<typeof maps.totals.get>, bigint[] | undefined>();
  same<Parameters<typeof maps.prefixes.set>[0], { prefixlen: number; address: number }>();
  same<ReturnType<typeof maps.storage.get>, Times | undefined>();
  maps.byIndex.set(0, 7);
  maps.byKey.set({ address: 1, port: 2, zone: 0 }, 7);
  for (const [key, value] of maps.flows) same<[typeof key.port, typeof value.packets], [number, bigint]>();
  // @ts-expect-error: a key has all its fields
  maps.flows.get({ address: 1 });
  // @ts-expect-error: not a map of this module
  maps.elsewhere;
  // @ts-expect-error: a program is no map
  maps.connect;
}

export async function records(): Promise<void> {
  for await (const event of maps.events) {
    same<typeof event.packets, bigint>();
    same<typeof event.mac, Uint8Array>();
  }
}

export function attaching(): void {
  programs.onOperation.attach({ cgroup: "/sys/fs/cgroup/demo" });
  programs.connect.attach({ cgroup: "/sys/fs/cgroup/demo" });
  programs.onMessage.attach({ map: maps.byKey });
  programs.decide.attach({ map: maps.byIndex });
  programs.parse.attach({ map: maps.byIndex });
  programs.packets.attach({ device: "lo" });
  programs.shape.attach({ device: "lo", direction: "ingress" });
  // @ts-expect-error: a program of cgroups takes a cgroup
  programs.connect.attach({ device: "lo" });
  // @ts-expect-error: tc wants a direction
  programs.shape.attach({ device: "lo" });
  // @ts-expect-error: a program of sockets takes a map of sockets
  programs.onMessage.attach({ map: maps.flows });
  // @ts-expect-error: a map is no program
  programs.flows;
}

export function variables(): void {
  same<typeof globals.seen, number>();
  same<typeof globals.bytes, bigint>();
  same<typeof globals.limit, bigint>();
  same<typeof globals.settings, { port: number; strict: boolean }>();
  globals.seen = 0;
  // @ts-expect-error: a function is no variable
  globals.isShort;
  // @ts-expect-error: nor is a map
  globals.flows;
  same<typeof TcpState.CLOSE extends number ? true : false, true>();
}

export function collections(
  app: Collection<typeof import("../kernel/flows.bpf.js")>,
  untyped: Collection,
): void {
  same<typeof app.maps, typeof maps>();
  same<typeof app.programs, typeof programs>();
  same<typeof app.globals, typeof globals>();
  same<(typeof untyped.globals)[string], unknown>();
  const shared: LoadObjectOptions = { reuse: app };
  const all: LoadObjectOptions[] = [shared, { reuse: untyped }, { reuse: { flows: app.maps.flows } }];
  // @ts-expect-error: a program is no map
  all.push({ reuse: { flows: app.programs.connect } });
}
