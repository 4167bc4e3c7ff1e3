import type { Stage } from "../stage.ts";
import { bytes } from "../units.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";

/** What the mesh counted of each workload's dealings, and that both ends agree. */
export async function metrics(stage: Stage, mesh: MeshOnStage): Promise<void> {
  const { narrator, assertions } = stage;
  narrator.chapter("What the mesh counted");
  const rows = (await mesh.attach()).traffic().filter(({ opened }) => opened > 0n);
  narrator.table(
    [
      { title: "WORKLOAD" },
      { title: "AS" },
      { title: "SERVER" },
      { title: "OPENED", align: "right" },
      { title: "RTT", align: "right" },
      { title: "SENT", align: "right" },
      { title: "RECEIVED", align: "right" },
      { title: "REDIRECTED", align: "right" },
    ],
    rows.map(({ workload, role, server, opened, rtt, sent, received }) => [
      workload.path?.slice(workload.path.lastIndexOf("/") + 1) ?? String(workload.cgroupId),
      role,
      server ?? "-",
      String(opened),
      rtt.samples === 0n ? "-" : `${Math.round(rtt.meanUs)} µs`,
      bytes(sent.total),
      bytes(received.total),
      bytes(sent.redirected + received.redirected),
    ]),
  );
  const total = (role: "client" | "server", which: "sent" | "received"): bigint =>
    rows.filter((row) => row.role === role).reduce((sum, row) => sum + row[which].total, 0n);
  assertions.claim(
    "both ends' counters agree: what one sent the other received",
    rows.length > 0 &&
      total("client", "sent") === total("server", "received") &&
      total("server", "sent") === total("client", "received"),
    `${bytes(total("server", "sent"))} of answers`,
  );
}
