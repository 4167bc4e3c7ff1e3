import { run } from "../lab/index.ts";
import type { Stage } from "../stage.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";

/** What is in the kernel now, by the kernel's own numbers, and how to see it from outside. */
export async function verify(stage: Stage, mesh: MeshOnStage): Promise<void> {
  const { narrator, assertions, cgroup } = stage;
  narrator.chapter("In the kernel now");
  const programs = (await mesh.attach()).programIds();
  narrator.fact("programs", programs.map(({ name, id }) => `${name} ${id}`).join(", "));
  const first = programs[0];
  if (!first) return;
  const command = ["bpftool", "prog", "show", "id", String(first.id)];
  narrator.say("  to verify, in another terminal while this runs:");
  narrator.say(`  $ ${command.join(" ")}`);
  const shown = await run(command).catch(() => undefined);
  narrator.quote(shown?.stdout ?? "(bpftool is not installed)");
  const listing = await run(["bpftool", "cgroup", "show", cgroup.path]).catch(() => undefined);
  narrator.say(`  $ bpftool cgroup show ${cgroup.path}`);
  narrator.quote(listing?.stdout ?? "(bpftool is not installed)");
  const inJson = await run(["bpftool", "-j", "cgroup", "show", cgroup.path]).catch(() => undefined);
  if (inJson?.code !== 0) return;
  const attached = new Set((JSON.parse(inJson.stdout) as { id: number }[]).map(({ id }) => id));
  const inCgroup = programs.filter(({ name }) => name !== "shortcut" && name !== "unread");
  assertions.claim(
    "bpftool sees the programs attached to the run's own cgroup",
    inCgroup.every(({ id }) => attached.has(id)),
    `${inCgroup.length} programs`,
  );
}
