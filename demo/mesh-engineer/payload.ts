import type { FileName, Stage } from "../stage.ts";
import { PORTS } from "../stage.ts";
import type { Measured } from "../windows.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";
import { requestFor } from "./paths.ts";

/** Whether every path delivered what the server has: sha256 of bodies from each window, and of every body of one more over the shortcut. */
export async function payload(
  stage: Stage,
  mesh: MeshOnStage,
  measured: ReadonlyMap<FileName, readonly Measured[]>,
): Promise<void> {
  const { narrator, assertions, digests } = stage;
  await mesh.attach();
  const every = await stage.client.window({ ...requestFor("answer", PORTS.web, 400), hashAll: true });
  let equal = every.bodies.length === 1 && every.bodies[0] === digests.answer && every.errors === 0;
  let bodies = every.requests;
  for (const [file, paths] of measured) {
    for (const { windows } of paths) {
      for (const window of windows) {
        bodies += window.connections.length;
        equal &&= window.bodies.length === 1 && window.bodies[0] === digests[file];
      }
    }
  }
  narrator.fact("sha256 of the answer", digests.answer);
  narrator.fact("bodies compared", `${bodies}, on every path`);
  assertions.claim("every body hashed is the one that the server has", equal, `${bodies} bodies`);
}
