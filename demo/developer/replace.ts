import { build } from "../../compiler/index.ts";
import { type Collection, type LoadOptions, load } from "../../runtime/index.ts";
import type { ScratchFolder } from "../lab/index.ts";
import { PORTS, type Stage } from "../stage.ts";
import { bytes } from "../units.ts";
import { copy, NAME, source, withAtomics } from "./program.ts";

/** The types of maps and programs come from the source: nothing is generated. */
type TrafficModule = typeof import("../../programs/demo/traffic.bpf.ts");

async function compile(
  folder: ScratchFolder,
  text: string,
): Promise<{ object: Uint8Array; milliseconds: number }> {
  const path = copy(folder, text);
  const start = performance.now();
  const { object, diagnostics } = await build(path, { cwd: folder.path });
  if (!object) throw new Error(diagnostics.map(({ code, message }) => `${code}: ${message}`).join("; "));
  return { object, milliseconds: performance.now() - start };
}

interface Sample {
  readonly label: string;
  readonly program: number;
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** Loads the program, lets it count, puts a better version in its place while it counts, and looks whether the counters went on. */
export async function replace(stage: Stage, folder: ScratchFolder): Promise<void> {
  const { narrator, assertions, cleanup, workloads } = stage;
  narrator.chapter("Replaced while it runs: the counters keep counting");
  const first = await compile(folder, source());
  const old = cleanup.use("traffic program", await loadTraffic(first.object));
  const link = old.programs.count.attach({ cgroup: workloads.web.path });
  narrator.say(
    `  ${NAME} compiled in ${Math.round(first.milliseconds)} ms, loaded as program ${old.programs.count.id}, attached to the web server's cgroup`,
  );

  const counted = (): { packets: bigint; bytes: bigint } =>
    old.maps.traffic.get(PORTS.web) ?? { packets: 0n, bytes: 0n };
  const running = stage.client.window({
    host: "127.0.0.1",
    port: PORTS.web,
    path: "/answer",
    connections: 4,
    durationMs: 1_500,
  });
  const samples: Sample[] = [];
  const sample = async (label: string): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 350));
    samples.push({ label, program: link.program.id, ...counted() });
  };
  await sample("running");
  await sample("still running");
  const better = await compile(folder, withAtomics(source()));
  const next = cleanup.use(
    "traffic program, replaced",
    await loadTraffic(better.object, { reuse: { traffic: old.maps.traffic } }),
  );
  link.update(next.programs.count);
  await sample("just replaced, now with atomics");
  await sample("running on");
  const window = await running;
  samples.push({ label: "at the end", program: link.program.id, ...counted() });

  narrator.table(
    [
      { title: "WHEN" },
      { title: "PROGRAM", align: "right" },
      { title: "PACKETS", align: "right" },
      { title: "BYTES", align: "right" },
    ],
    samples.map(({ label, program, packets, bytes: count }) => [
      label,
      String(program),
      String(packets),
      bytes(count),
    ]),
  );
  narrator.say(
    `  one map, id ${old.maps.traffic.id}, under both programs; ${window.requests} requests meanwhile, ${window.errors} failed`,
  );
  const grows = samples.every((each, i) => i === 0 || each.packets >= (samples[i - 1]?.packets ?? 0n));
  const programs = new Set(samples.map(({ program }) => program));
  assertions.claim(
    "the program was replaced under load: no request failed, and the counters went on from where they were",
    grows && programs.size === 2 && window.errors === 0 && counted().packets >= BigInt(window.requests),
    `${counted().packets} packets for ${window.requests} answers`,
  );
  link.close();
}

function loadTraffic(object: Uint8Array, options: LoadOptions = {}): Promise<Collection<TrafficModule>> {
  return load<TrafficModule>(object, options);
}
