import type { Assertions } from "./assertions.ts";
import { guard } from "./developer/guard.ts";
import { replace } from "./developer/replace.ts";
import { type Cleanup, ScratchFolder } from "./lab/index.ts";
import { describeMachine } from "./machine.ts";
import { bulk } from "./mesh-engineer/bulk.ts";
import { counters } from "./mesh-engineer/counters.ts";
import { denial } from "./mesh-engineer/denial.ts";
import { hazards } from "./mesh-engineer/hazards.ts";
import { latency } from "./mesh-engineer/latency.ts";
import { MeshOnStage } from "./mesh-engineer/mesh-on-stage.ts";
import { metrics } from "./mesh-engineer/metrics.ts";
import { payload } from "./mesh-engineer/payload.ts";
import { translation } from "./mesh-engineer/translation.ts";
import { verify } from "./mesh-engineer/verify.ts";
import type { Narrator } from "./narrator.ts";
import { setStage } from "./stage.ts";

export interface Cast {
  readonly cleanup: Cleanup;
  readonly narrator: Narrator;
  readonly assertions: Assertions;
}

/** The acts in order. */
export async function play({ cleanup, narrator, assertions }: Cast): Promise<void> {
  narrator.chapter("The stage");
  const stage = await setStage(cleanup, narrator, assertions);
  narrator.fact("machine", describeMachine());
  narrator.fact("cgroup", stage.cgroup.path);
  narrator.fact(
    "network namespaces",
    `${stage.home.netns.name} and ${stage.neighbour.netns.name}, joined by veth`,
  );
  narrator.fact("congestion control", "cubic, set on the routes of both");
  narrator.fact("server", `${stage.server.software}, unmodified`);
  narrator.fact("client", "curl, and keep-alive HTTP connections from Node's net, unmodified");
  narrator.fact("proxy to compare with", stage.proxySoftware ?? "none: haproxy is not installed");

  narrator.part("For the mesh engineer");
  const mesh = new MeshOnStage(stage);
  await hazards(stage);
  await translation(stage, mesh);
  await denial(stage, mesh);
  await verify(stage, mesh);
  await metrics(stage, mesh);
  const small = await latency(stage, mesh);
  await counters(stage, mesh);
  await bulk(stage, mesh);
  await payload(stage, mesh, small);
  mesh.close();

  narrator.part("For the TypeScript developer");
  const folder = cleanup.use("copy of the program", ScratchFolder.create("developer"));
  guard(stage, folder);
  await replace(stage, folder);
}
