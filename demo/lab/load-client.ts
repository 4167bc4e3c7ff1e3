import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { ResponseReader } from "./response-reader.ts";
import { percentile, type WindowResult } from "./statistics.ts";

export interface LoadRequest {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Kept open for the window, one request at a time on each. */
  readonly connections: number;
  readonly durationMs: number;
  /** Requests of the first so many milliseconds are not counted. */
  readonly warmupMs?: number;
  /** Ends after so many requests, if that comes first. */
  readonly maxRequests?: number;
  /** Which bodies are hashed: hashing large ones takes longer than moving them. The first of each connection by default. */
  readonly hash?: "first" | "all" | "none";
}

interface Tally {
  readonly latencies: number[];
  readonly bodies: Set<string>;
  readonly connections: (readonly [string, string])[];
  requests: number;
  errors: number;
  bytes: number;
  countFrom: bigint;
}

const INACTIVE_MS = 5_000;

function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** One connection's life in the window. Resolves when it is closed; errors are counted, not thrown. */
function drive(request: LoadRequest, deadline: bigint, tally: Tally): Promise<void> {
  return new Promise((resolve) => {
    const host = hostPort(request.host, request.port);
    const text = `GET ${request.path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const socket: Socket = connect({ host: request.host, port: request.port, noDelay: true });
    let hash = createHash("sha256");
    let hashing = request.hash !== "none";
    const reader = new ResponseReader((chunk) => {
      if (hashing) hash.update(chunk);
    });
    let sentAt = 0n;
    const send = (): void => {
      sentAt = process.hrtime.bigint();
      socket.write(text);
    };
    const fail = (): void => {
      tally.errors++;
      socket.destroy();
    };
    socket.setTimeout(INACTIVE_MS, fail);
    socket.on("connect", () => {
      tally.connections.push([
        hostPort(socket.localAddress ?? "", socket.localPort ?? 0),
        hostPort(socket.remoteAddress ?? "", socket.remotePort ?? 0),
      ]);
      send();
    });
    socket.on("data", (chunk: Buffer) => {
      try {
        const response = reader.push(chunk);
        if (!response) return;
        const now = process.hrtime.bigint();
        if (hashing) {
          tally.bodies.add(hash.digest("hex"));
          hash = createHash("sha256");
          hashing = request.hash === "all";
        }
        if (response.status !== 200) tally.errors++;
        if (sentAt >= tally.countFrom) {
          tally.requests++;
          tally.bytes += response.bodyBytes;
          tally.latencies.push(Number(now - sentAt));
        }
        if (now >= deadline || tally.requests >= (request.maxRequests ?? Number.POSITIVE_INFINITY))
          socket.end();
        else send();
      } catch {
        fail();
      }
    });
    socket.on("error", () => {
      tally.errors++;
    });
    socket.on("close", () => resolve());
  });
}

/** Runs one window from this process. */
export async function loadWindow(request: LoadRequest): Promise<WindowResult> {
  const start = process.hrtime.bigint();
  const countFrom = start + BigInt(request.warmupMs ?? 0) * 1_000_000n;
  const deadline = countFrom + BigInt(request.durationMs) * 1_000_000n;
  const tally: Tally = {
    latencies: [],
    bodies: new Set(),
    connections: [],
    requests: 0,
    errors: 0,
    bytes: 0,
    countFrom,
  };
  await Promise.all(Array.from({ length: request.connections }, () => drive(request, deadline, tally)));
  const sorted = Float64Array.from(tally.latencies).sort();
  return {
    requests: tally.requests,
    errors: tally.errors,
    durationNs: Math.max(1, Number(process.hrtime.bigint() - countFrom)),
    bytes: tally.bytes,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: percentile(sorted, 1),
    bodies: [...tally.bodies],
    connections: tally.connections,
  };
}
