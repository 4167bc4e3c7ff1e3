import type { ProbeOptions } from "../../mesh/index.ts";
import { type Cgroup, makeCgroup, makeNetns, type Netns } from "../support/kernel.ts";

/** A cgroup with two workloads in the mesh, and one outside it. */
export interface Workloads extends Disposable {
  readonly mesh: Cgroup;
  readonly server: Cgroup;
  readonly client: Cgroup;
  readonly outside: Cgroup;
}

export function makeWorkloads(): Workloads {
  const mesh = makeCgroup("mesh");
  const outside = makeCgroup("outside");
  return {
    mesh,
    server: mesh.child("server"),
    client: mesh.child("client"),
    outside,
    [Symbol.dispose]() {
      mesh[Symbol.dispose]();
      outside[Symbol.dispose]();
    },
  };
}

/** Two network namespaces joined by a veth pair, the same on every machine: they are nobody else's. */
export interface TwoNamespaces extends Disposable {
  readonly server: Netns;
  readonly client: Netns;
  readonly address4: string;
  readonly address6: string;
}

export function makeTwoNamespaces(): TwoNamespaces {
  const server = makeNetns("server");
  const client = makeNetns("client");
  server.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns", client.name);
  for (const [netns, host] of [
    [server, 1],
    [client, 2],
  ] as const) {
    netns.ip("addr", "add", `10.99.0.${host}/24`, "dev", "veth0");
    netns.ip("addr", "add", `fd99::${host}/64`, "dev", "veth0", "nodad");
    netns.ip("link", "set", "veth0", "up");
  }
  return {
    server,
    client,
    address4: "10.99.0.1",
    address6: "fd99::1",
    [Symbol.dispose]() {
      server[Symbol.dispose]();
      client[Symbol.dispose]();
    },
  };
}

/** Where a scenario runs: the options of `runProbe` that say so. */
export type Place = (namespaces: TwoNamespaces) => ProbeOptions;

const veth = ({ server, client }: TwoNamespaces) => ({ serverNetns: server.path, clientNetns: client.path });

export const places: readonly (readonly [name: string, place: Place])[] = [
  ["IPv4 over loopback", () => ({ address: "127.0.0.1" })],
  ["IPv6 over loopback", () => ({ address: "::1" })],
  ["IPv4 over veth", (namespaces) => ({ ...veth(namespaces), address: namespaces.address4 })],
  ["IPv6 over veth", (namespaces) => ({ ...veth(namespaces), address: namespaces.address6 })],
];
