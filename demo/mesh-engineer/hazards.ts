import { testHazards } from "../../mesh/index.ts";
import { Cgroup, labName } from "../lab/index.ts";
import type { Stage } from "../stage.ts";

/** The ways in which redirecting between sockets is known to break streams, tried on this kernel before anything is shown. */
export async function hazards({
  narrator,
  assertions,
  cleanup,
}: Pick<Stage, "narrator" | "assertions" | "cleanup">): Promise<void> {
  narrator.chapter("Is the shortcut safe on this kernel? Its self-tests");
  // The self-tests clean up after themselves, but not where they are interrupted.
  cleanup.defer("cgroup of the self-tests", () => Cgroup.named(labName("hazards")).close());
  const results = await testHazards();
  for (const { name, hazard, passed, detail } of results) {
    narrator.outcome(passed, `${name.padEnd(22)}${detail}`);
    if (!passed) narrator.say(`    ${hazard}`);
  }
  const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
  assertions.claim(
    "every hazard of the shortcut is held off on this kernel",
    failed.length === 0 && results.length > 0,
    failed.length === 0 ? `${results.length} tried` : failed.join(", "),
  );
}
