import type { FileName, Stage } from "../stage.ts";
import type { Measured } from "../windows.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";
import { paths } from "./paths.ts";

/** At least so many bodies of each path are hashed, on each connection one after the other. */
const BODIES: Readonly<Record<FileName, number>> = { answer: 400, bulk: 4 };

/** Whether every path delivers what the server has: sha256 of small and large bodies, and of those that the measured windows kept. */
export async function payload(stage: Stage, mesh: MeshOnStage, measured: readonly Measured[]): Promise<void> {
  const { narrator, assertions, digests } = stage;
  narrator.chapter("Payloads: sha256 of what arrived, on every path");
  let damaged = 0;
  let compared = 0;
  const compare = (file: FileName, bodies: readonly string[], count: number): void => {
    compared += count;
    if (bodies.some((digest) => digest !== digests[file])) damaged++;
  };
  const rows: string[][] = [];
  for (const file of ["answer", "bulk"] as const) {
    for (const { name, enter, request } of paths(stage, mesh, file, 2_000)) {
      await enter();
      const window = await stage.client.window({
        ...request,
        warmupMs: 0,
        hash: "all",
        maxRequests: BODIES[file],
      });
      compare(file, window.bodies, window.requests);
      if (window.bodies.length !== 1 || window.errors > 0) damaged++;
      rows.push([
        name,
        file,
        String(window.requests),
        window.bodies.map((digest) => digest.slice(0, 16)).join(" "),
      ]);
    }
  }
  for (const { windows } of measured) {
    for (const { bodies, connections } of windows) compare("answer", bodies, connections.length);
  }
  narrator.table(
    [{ title: "PATH" }, { title: "BODY" }, { title: "HASHED", align: "right" }, { title: "SHA256" }],
    rows,
  );
  assertions.claim(
    "every body hashed is the one that the server has",
    damaged === 0 && compared > 0,
    `${compared} bodies`,
  );
}
