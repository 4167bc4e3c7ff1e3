import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { EnvironmentError } from "./environment.ts";

function ip(...args: string[]): string {
  try {
    return execFileSync("ip", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 10_000 });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT") throw new EnvironmentError("ip is not installed", "apt-get install iproute2");
    const why = (stderr ?? String(error)).trim();
    if (/Operation not permitted|Permission denied/.test(why)) {
      throw new EnvironmentError(
        `ip ${args.join(" ")}: ${why}`,
        "run as root, where network namespaces may be made",
      );
    }
    throw new Error(`ip ${args.join(" ")}: ${why}`);
  }
}

/** A named network namespace made here, with its loopback up. */
export class NetworkNamespace {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  static create(name: string): NetworkNamespace {
    ip("netns", "add", name);
    const netns = new NetworkNamespace(name);
    try {
      netns.ip("link", "set", "lo", "up");
    } catch (error) {
      netns.close();
      throw error;
    }
    return netns;
  }

  get path(): string {
    return `/run/netns/${this.name}`;
  }

  /** `ip -n <this> …` */
  ip(...args: string[]): string {
    return ip("-n", this.name, ...args);
  }

  /**
   * Sets the congestion control of every route, loopback's included, as ip-route(8)'s `congctl`: connections of both ends take it from
   * the route (kernel net/ipv4/tcp_cong.c, `tcp_assign_congestion_control`), so the machine's own setting stays as it is.
   */
  setCongestionControl(algorithm: string): void {
    for (const [family, table] of ROUTE_TABLES) {
      for (const line of this.ip(family, "route", "show", "table", table).split("\n")) {
        const route = congestionRoute(line, algorithm);
        if (!route) continue;
        // The kernel's own IPv6 local routes have metric 0, which a replacement cannot have: it would stand behind them.
        if (family === "-6" && table === "local")
          this.ip(family, "route", "delete", ...route.slice(0, -2), "table", table);
        this.ip(family, "route", "replace", ...route, "table", table);
      }
    }
  }

  close(): void {
    if (existsSync(this.path)) ip("netns", "delete", this.name);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const ROUTE_TABLES = [
  ["-4", "local"],
  ["-4", "main"],
  ["-6", "local"],
  ["-6", "main"],
] as const;

/** The words of one line of `ip route show` with the congestion control set; `undefined` for routes that carry no connection. */
export function congestionRoute(line: string, algorithm: string): string[] | undefined {
  const words = line.trim().split(/\s+/);
  const first = words[0];
  if (
    !first ||
    ["broadcast", "multicast", "anycast", "unreachable"].includes(first) ||
    first.startsWith("ff00:")
  )
    return undefined;
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "linkdown" || word === "dead") continue;
    if (
      ["congctl", "pref", "error", "expires"].includes(word) ||
      (word === "metric" && words[i + 1] === "0")
    ) {
      i++;
      if (word === "congctl" && words[i] === "lock") i++;
      continue;
    }
    kept.push(word);
  }
  return [...kept, "congctl", algorithm];
}

export interface NetworkEnd {
  readonly netns: NetworkNamespace;
  readonly ip4: string;
  readonly ip6: string;
  readonly device: string;
}

/** Two namespaces joined by a veth pair: `a` is 10.213.0.1 and fd7b:213::1, `b` is 10.213.0.2 and fd7b:213::2. */
export class NetworkPair {
  readonly a: NetworkEnd;
  readonly b: NetworkEnd;

  private constructor(a: NetworkEnd, b: NetworkEnd) {
    this.a = a;
    this.b = b;
  }

  /** `name` + "-a" and "-b" are the namespaces' names. The congestion control must be one the kernel has (default cubic). */
  static create(name: string, options: { readonly congestionControl?: string } = {}): NetworkPair {
    const made: NetworkNamespace[] = [];
    try {
      const a = NetworkNamespace.create(`${name}-a`);
      made.push(a);
      const b = NetworkNamespace.create(`${name}-b`);
      made.push(b);
      ip("link", "add", "eth0", "netns", a.name, "type", "veth", "peer", "name", "eth0", "netns", b.name);
      const ends = [end(a, 1), end(b, 2)] as const;
      for (const { netns } of ends) netns.setCongestionControl(options.congestionControl ?? "cubic");
      return new NetworkPair(...ends);
    } catch (error) {
      for (const netns of made.reverse()) netns.close();
      throw error;
    }
  }

  close(): void {
    this.b.netns.close();
    this.a.netns.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function end(netns: NetworkNamespace, host: number): NetworkEnd {
  const [ip4, ip6, device] = [`10.213.0.${host}`, `fd7b:213::${host}`, "eth0"];
  netns.ip("address", "add", `${ip4}/24`, "dev", device);
  // Without nodad the address is tentative for a second, and a bind to it fails (rfc4862 5.4).
  netns.ip("-6", "address", "add", `${ip6}/64`, "dev", device, "nodad");
  netns.ip("link", "set", device, "up");
  return { netns, ip4, ip6, device };
}
