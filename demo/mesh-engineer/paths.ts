import type { LoadRequest } from "../lab/index.ts";
import { type FileName, PORTS, type Stage } from "../stage.ts";
import type { Mode } from "../windows.ts";

/** Turns the mesh's programs on and off for connections that are made from now on. */
export interface Switch {
  attach(): void | Promise<void>;
  detach(): void | Promise<void>;
}

/** Requests on connections that stay open: what calls between two services are. */
export function requestFor(file: FileName, port: number, durationMs: number): LoadRequest {
  return { host: "127.0.0.1", port, path: `/${file}`, connections: 4, durationMs, warmupMs: 150 };
}

/** The ways a request can travel, the direct one twice: what differs between those two is noise. */
export function paths(stage: Stage, mesh: Switch, file: FileName, durationMs: number): Mode[] {
  const off = (): void | Promise<void> => mesh.detach();
  const on = (): void | Promise<void> => mesh.attach();
  return [
    { name: "direct", enter: off, request: requestFor(file, PORTS.web, durationMs) },
    { name: "direct again (control)", enter: off, request: requestFor(file, PORTS.web, durationMs) },
    { name: "shortcut", enter: on, request: requestFor(file, PORTS.web, durationMs) },
    ...(stage.proxySoftware === undefined
      ? []
      : [{ name: "haproxy in the path", enter: off, request: requestFor(file, PORTS.proxy, durationMs) }]),
  ];
}
