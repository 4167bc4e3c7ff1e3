import { median } from "../lab/index.ts";
import type { Stage } from "../stage.ts";
import { bytes, ratio } from "../units.ts";
import { type Measured, measure } from "../windows.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";
import { paths } from "./paths.ts";

const ROUNDS = 2;
const WINDOW_MS = 700;

/** Large bodies over the same paths, shown as they come out. */
export async function bulk(stage: Stage, mesh: MeshOnStage): Promise<Measured[]> {
  const { narrator } = stage;
  narrator.chapter(`Bulk transfer: bodies of 64 MiB, ${ROUNDS} interleaved windows of each path`);
  const measured = await measure(stage, paths(stage, mesh, "bulk", WINDOW_MS), ROUNDS);
  const rates = measured.map(({ windows }) =>
    median(windows.map((window) => (window.bytes * 1e9) / window.durationNs)),
  );
  narrator.table(
    [{ title: "PATH" }, { title: "THROUGHPUT", align: "right" }, { title: "RATIO", align: "right" }],
    measured.map(({ mode }, i) => [
      mode.name,
      `${bytes(rates[i] ?? 0)}/s`,
      ratio(rates[i] ?? 0, rates[0] ?? 0),
    ]),
  );
  narrator.say(
    "  no gain is claimed here: beyond a budget of bytes that are not yet answered the shortcut hands a connection back to TCP",
  );
  return measured;
}
