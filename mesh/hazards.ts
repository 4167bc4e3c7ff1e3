import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { notACgroup } from "../compiler/diagnostics/mesh-configuration.ts";
import { BpfError, cgroup2Mount } from "../runtime/index.ts";
import { Mesh, type MeshOptions } from "./mesh.ts";
import { type ProbeOptions, type ProbeReport, runProbe, type Scenario } from "./probe.ts";

// Redirecting between sockets is known to break streams in ways that depend on the kernel. So the shortcut is tried on this one, with
// programs and cgroups of its own and real connections over loopback, before it is used.

export interface HazardResult {
  readonly name: string;
  /** What would go wrong in applications. */
  readonly hazard: string;
  readonly passed: boolean;
  /** What was seen. */
  readonly detail: string;
}

interface Trial {
  readonly mesh: Mesh;
  /** Runs a scenario with both ends in the mesh, unless told otherwise. */
  run(scenario: Scenario, options?: ProbeOptions): Promise<ProbeReport>;
  /** Bytes redirected so far. */
  redirected(): bigint;
  readonly outside: string;
  readonly optedOut: string;
}

interface Hazard {
  readonly name: string;
  readonly hazard: string;
  /** What was seen, and whether it is as it should be. */
  try(trial: Trial): Promise<{ readonly passed: boolean; readonly detail: string }>;
}

/** Of the trial: small, so that reaching them takes kilobytes that fit into a receive buffer, and megabytes, not tens of them. */
const BUDGET = 32 << 10;
const LIMIT = 4 << 20;
/** What TCP itself may hold for a reader that does not read: send and receive buffer at their largest defaults, and as much again. */
const TCP_BUFFERS = 24 << 20;

const hazards: readonly Hazard[] = [
  {
    name: "redirect",
    hazard: "bytes of a redirected connection would be lost or doubled",
    async try({ run, redirected }) {
      const before = redirected();
      const { intact } = await run("exchange", { size: 4000, rounds: 50 });
      const bytes = redirected() - before;
      return {
        passed: intact && bytes === 400_000n,
        detail: `${bytes} of 400000 bytes redirected, ${state(intact)}`,
      };
    },
  },
  {
    name: "reorder at enrolment",
    hazard: "bytes sent around the handshake would be overtaken",
    async try({ run }) {
      const { intact } = await run("eager", { size: 500, rounds: 200 });
      return { passed: intact, detail: `200 connections, ${state(intact)}` };
    },
  },
  {
    name: "FIONREAD",
    hazard: "nginx, Java and .NET would wait for bytes that are there",
    async try({ run }) {
      const redirect = await run("unread", { size: 1000, rounds: 50 });
      // More than the budget: goes over TCP.
      const tcp = await run("unread", { size: BUDGET + 1000, rounds: 5 });
      const wrong = Number(redirect.server.wrong) + Number(tcp.server.wrong);
      return { passed: redirect.intact && tcp.intact && wrong === 0, detail: `${wrong} of 55 answers wrong` };
    },
  },
  {
    name: "back-pressure",
    hazard: "a reader that does not read would take memory without bound",
    async try({ run, redirected }) {
      const before = redirected();
      const silent = await run("never-reads", { size: 1 << 20, rounds: 64 });
      const bytes = Number(redirected() - before);
      const writing = await run("writes-never-reads", { size: BUDGET, rounds: 2000 });
      const most = Math.max(Number(silent.client.accepted), Number(writing.client.accepted));
      return {
        passed: most <= LIMIT + TCP_BUFFERS && bytes <= BUDGET,
        detail: `${(most / 1048576).toFixed(1)} MiB accepted unread, ${bytes >> 10} KiB of it redirected in silence`,
      };
    },
  },
  {
    name: "unread at close",
    hazard: "bytes that are unread when both ends have closed would be lost",
    async try({ run }) {
      const results = [
        await run("half-close-early", { size: 20_000 }),
        await run("write-close", { size: 20_000 }),
      ];
      const intact = results.every((result) => result.intact);
      return { passed: intact, detail: state(intact) };
    },
  },
  {
    name: "map miss",
    hazard: "a peer outside the mesh would make send(2) fail",
    async try({ run, redirected, outside }) {
      const before = redirected();
      const { intact } = await run("exchange", { size: 1000, rounds: 20, serverCgroup: outside });
      return { passed: intact && redirected() === before, detail: state(intact) };
    },
  },
  {
    name: "splice",
    hazard: "splice(2) reads nothing from a redirected connection; a workload that uses it must opt out",
    async try({ run, optedOut }) {
      const { intact } = await run("splice", { size: 10_000, rounds: 10, serverCgroup: optedOut });
      return { passed: intact, detail: `opted out: ${state(intact)}` };
    },
  },
  {
    name: "SO_RCVLOWAT",
    hazard: "a blocking read would end early, or with EAGAIN",
    async try({ run }) {
      const before = await run("low-water", { size: 4000, rounds: 3, lowWater: 4000 });
      const after = await run("low-water", { size: 4000, rounds: 3 });
      const refused = after.server.option === "ENOPROTOOPT";
      const passed = before.intact && before.server.early === 0 && after.intact && refused;
      return {
        passed,
        detail: `set before: ${state(before.intact)}; set later: ${String(after.server.option)}`,
      };
    },
  },
];

function state(intact: boolean): string {
  return intact ? "streams intact" : "streams damaged";
}

/**
 * Tries the shortcut on this kernel. Takes a second or two; needs root and cgroup v2, and leaves nothing behind.
 *
 * @throws {BpfError} where the programs cannot be loaded, or `stream-probe` is not built (TSB5008).
 */
export async function testHazards(options: Pick<MeshOptions, "object"> = {}): Promise<HazardResult[]> {
  const root = cgroup2Mount();
  if (root === undefined) throw new BpfError("test the shortcut", notACgroup(undefined, "cgroup v2", "/"));
  const base = join(root, `tsbpf-${process.pid}-hazards`);
  const names = ["inside/server", "inside/client", "inside/opted-out", "outside"];
  const folders = [base, join(base, "inside"), ...names.map((name) => join(base, name))];
  const made: string[] = [];
  try {
    for (const folder of folders) {
      mkdirSync(folder);
      made.push(folder);
    }
    const optedOut = join(base, "inside/opted-out");
    using mesh = await Mesh.load({
      ...options,
      shortcut: { budget: BUDGET, limit: LIMIT },
      workloads: [{ cgroup: optedOut, shortcut: false }],
    });
    mesh.attach(join(base, "inside"));
    return await tryAll({
      mesh,
      optedOut,
      outside: join(base, "outside"),
      run: (scenario, more) =>
        runProbe(scenario, {
          serverCgroup: join(base, "inside/server"),
          clientCgroup: join(base, "inside/client"),
          ...more,
        }),
      redirected: () => mesh.traffic().reduce((total, { sent }) => total + sent.redirected, 0n),
    });
  } finally {
    for (const folder of made.reverse()) await removeCgroup(folder);
  }
}

async function tryAll(trial: Trial): Promise<HazardResult[]> {
  const results: HazardResult[] = [];
  for (const { name, hazard, try: attempt } of hazards) {
    results.push({ name, hazard, ...(await attempt(trial)) });
  }
  return results;
}

/** A cgroup is busy for a moment after its last process has ended. */
async function removeCgroup(path: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      rmdirSync(path);
      return;
    } catch {
      await sleep(10);
    }
  }
}
