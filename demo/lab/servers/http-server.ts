import type { LabProcess, Place } from "../process.ts";

export interface HttpServerOptions extends Place {
  /** `host:port`s to listen on; IPv6 hosts in brackets. */
  readonly listen: readonly string[];
  /** Name below `/` → content. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly lifetimeMs: number;
}

/** A running web server with a private configuration and folder. */
export interface HttpServer {
  /** What a reader would call it: `nginx/1.22.1`. */
  readonly software: string;
  readonly process: LabProcess;
  close(): Promise<void>;
}

export function portOf(address: string): number {
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`no port in "${address}"`);
  return port;
}
