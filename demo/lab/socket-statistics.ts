import { mustRun, type Place } from "./process.ts";

/** What the kernel's TCP counts for one socket, as `ss -ti` prints it (ss(8)). Redirected bytes are not among them. */
export interface SocketStatistics {
  readonly local: string;
  readonly remote: string;
  readonly congestionControl: string | undefined;
  readonly bytesSent: bigint;
  readonly bytesReceived: bigint;
  readonly segmentsOut: bigint;
}

/** Reads the output of `ss -tinHO state established`: one socket per line, no column for the state. */
export function parseSocketStatistics(output: string): SocketStatistics[] {
  const sockets: SocketStatistics[] = [];
  for (const line of output.split("\n")) {
    const [, , local, remote, ...words] = line.trim().split(/\s+/);
    if (local === undefined || remote === undefined) continue;
    // A counter that is zero is not printed.
    const counter = (name: string): bigint =>
      BigInt(words.find((word) => word.startsWith(`${name}:`))?.slice(name.length + 1) ?? 0);
    sockets.push({
      local: withoutZone(local),
      remote: withoutZone(remote),
      congestionControl: words.find((word) =>
        /^(cubic|reno|bbr\d?|dctcp|vegas|htcp|westwood|bpf_\w+)$/.test(word),
      ),
      bytesSent: counter("bytes_sent"),
      bytesReceived: counter("bytes_received"),
      segmentsOut: counter("segs_out"),
    });
  }
  return sockets;
}

/** `127.0.0.1%lo:80` is a socket bound to a device. */
function withoutZone(address: string): string {
  return address.replace(/%[^\]:]+/, "");
}

/** Established TCP sockets of a network namespace. */
export async function socketStatistics(place: Place): Promise<SocketStatistics[]> {
  return parseSocketStatistics(await mustRun(["ss", "-tinHO", "state", "established"], place));
}
