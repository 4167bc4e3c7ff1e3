import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { ownName, removedAtExit } from "./cleanup.ts";

export interface Netns extends Disposable {
  readonly name: string;
  /** A path that `setns(2)` and netns links take. */
  readonly path: string;
  /** Runs a command inside and returns what it printed; throws where it fails. */
  run(command: string, ...args: string[]): string;
  /** `ip` inside. */
  ip(...args: string[]): string;
  spawn(command: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
}

/** A new network namespace of the test's own, loopback up. */
export function makeNetns(name = "test"): Netns {
  const full = ownName(name);
  execFileSync("ip", ["netns", "add", full]);
  const remove = removedAtExit(() => execFileSync("ip", ["netns", "del", full]));
  const run = (command: string, ...args: string[]) =>
    execFileSync("ip", ["netns", "exec", full, command, ...args], { encoding: "utf8" });
  run("ip", "link", "set", "lo", "up");
  return {
    name: full,
    path: `/run/netns/${full}`,
    run,
    ip: (...args) => run("ip", ...args),
    spawn: (command, args, options = {}) => spawn("ip", ["netns", "exec", full, command, ...args], options),
    [Symbol.dispose]: remove,
  };
}

export interface Veth extends Disposable {
  /** The end in this process's namespace. */
  readonly device: string;
  readonly ifindex: number;
  /** The end in the namespace given. */
  readonly peer: string;
  readonly address: string;
  readonly peerAddress: string;
  readonly address6: string;
  readonly peerAddress6: string;
}

let veths = 0;

/** A veth pair from this process's namespace into `netns`, both ends up, with a /30 and a /126 between them. */
export function makeVeth(netns: Netns): Veth {
  // Interface names have 15 bytes (IFNAMSIZ with its NUL).
  const n = ++veths;
  const device = `tb${process.pid}a${n}`;
  const peer = `tb${process.pid}b${n}`;
  const block = ((process.pid * 7 + n) % 16000) * 4;
  const address = `10.213.${block >> 8}.${(block & 255) + 1}`;
  const peerAddress = `10.213.${block >> 8}.${(block & 255) + 2}`;
  const address6 = `fd7b:${block.toString(16)}::1`;
  const peerAddress6 = `fd7b:${block.toString(16)}::2`;
  const ip = (...args: string[]) => execFileSync("ip", args);
  ip("link", "add", device, "type", "veth", "peer", "name", peer, "netns", netns.name);
  const remove = removedAtExit(() => {
    // Removing one end removes both; the namespace may have taken them along.
    try {
      execFileSync("ip", ["link", "del", device], { stdio: "ignore" });
    } catch {
      return;
    }
  });
  ip("addr", "add", `${address}/30`, "dev", device);
  ip("addr", "add", `${address6}/126`, "dev", device, "nodad");
  ip("link", "set", device, "up");
  netns.ip("addr", "add", `${peerAddress}/30`, "dev", peer);
  netns.ip("addr", "add", `${peerAddress6}/126`, "dev", peer, "nodad");
  netns.ip("link", "set", peer, "up");
  const ifindex = Number(readFileSync(`/sys/class/net/${device}/ifindex`, "utf8"));
  return { device, ifindex, peer, address, peerAddress, address6, peerAddress6, [Symbol.dispose]: remove };
}
