import type { Assertions } from "./assertions.ts";
import type { Cleanup } from "./lab/index.ts";
import { latency } from "./mesh-engineer/latency.ts";
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
  narrator.fact("cgroup", stage.cgroup.path);
  narrator.fact(
    "network namespaces",
    `${stage.home.netns.name} and ${stage.neighbour.netns.name}, joined by veth`,
  );
  narrator.fact("server", `${stage.server.software}, unmodified`);
  narrator.fact("client", "keep-alive HTTP connections from Node's net, unmodified");
  narrator.fact("proxy to compare with", stage.proxySoftware ?? "none: haproxy is not installed");
  await latency(stage);
}
