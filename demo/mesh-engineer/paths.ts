import type { LoadRequest } from "../lab/index.ts";
import { type FileName, PORTS, type Stage } from "../stage.ts";
import type { Mode } from "../windows.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";

/** Requests on connections that stay open: what calls between two services are. */
export function requestFor(file: FileName, port: number, durationMs: number): LoadRequest {
  const to = { host: "127.0.0.1", port, path: `/${file}`, durationMs };
  // In a bulk window hashing would be measured, and a request may last longer than a warm-up.
  if (file === "bulk") return { ...to, connections: 2, hash: "none" };
  return { ...to, connections: 4, warmupMs: 150 };
}

export const SHORTCUT = "mesh with its shortcut";

/** The ways a request can travel, the direct one twice: what differs between those two is noise. */
export function paths(stage: Stage, mesh: MeshOnStage, file: FileName, durationMs: number): Mode[] {
  const off = (): void => mesh.detach();
  const [web, proxy] = [requestFor(file, PORTS.web, durationMs), requestFor(file, PORTS.proxy, durationMs)];
  const on = (shortcut: boolean) => async (): Promise<void> => {
    await mesh.attach(shortcut);
  };
  return [
    { name: "direct, no mesh", enter: off, request: web },
    { name: "direct again (control)", enter: off, request: web },
    { name: SHORTCUT, enter: on(true), request: web },
    { name: "mesh, shortcut off", enter: on(false), request: web },
    ...(stage.proxySoftware === undefined
      ? []
      : [{ name: "haproxy in the path", enter: off, request: proxy }]),
  ];
}
