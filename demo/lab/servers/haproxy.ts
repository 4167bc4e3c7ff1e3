import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabProcess, type Place, run } from "../process.ts";
import { portOf } from "./http-server.ts";
import { listening } from "./listening.ts";
import { ScratchFolder } from "./scratch.ts";

export interface ProxyOptions extends Place {
  readonly listen: string;
  readonly backend: string;
  readonly lifetimeMs: number;
}

export interface Proxy {
  /** What a reader would call it: `HAProxy 2.6.12`. */
  readonly software: string;
  readonly process: LabProcess;
  close(): Promise<void>;
}

/** An HTTP proxy as a sidecar is configured: connections to the backend kept and shared, no extra work asked. */
export function haproxyConfiguration(listen: string, backend: string): string {
  return `global
  nbthread 1
  maxconn 1024
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
listen lab
  bind ${listen}
  server backend ${backend}
`;
}

/** Debian's haproxy, unmodified. `undefined` where it is not installed. */
export async function startHaproxy(options: ProxyOptions): Promise<Proxy | undefined> {
  const version = await run(["haproxy", "-v"]).catch(() => undefined);
  if (!version) return undefined;
  const folder = ScratchFolder.create("haproxy");
  try {
    const configuration = join(folder.path, "haproxy.cfg");
    writeFileSync(configuration, haproxyConfiguration(options.listen, options.backend));
    const server = LabProcess.start(["haproxy", "-db", "-q", "-f", configuration], options);
    try {
      await listening(server, portOf(options.listen), options);
    } catch (error) {
      await server.close();
      throw error;
    }
    return {
      software:
        /^HAProxy version (\d+\.\d+\.\d+)/.exec(version.stdout)?.[1]?.replace(/^/, "HAProxy ") ?? "HAProxy",
      process: server,
      async close() {
        await server.close();
        folder.close();
      },
    };
  } catch (error) {
    folder.close();
    throw error;
  }
}
