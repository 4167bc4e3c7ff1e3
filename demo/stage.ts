import { createHash, randomBytes } from "node:crypto";
import type { Assertions } from "./assertions.ts";
import {
  Cgroup,
  type Cleanup,
  type HttpServer,
  LoadGenerator,
  labName,
  type NetworkEnd,
  NetworkPair,
  startHaproxy,
  startNginx,
  startNodeHttp,
} from "./lab/index.ts";
import type { Narrator } from "./narrator.ts";

/** Nothing started here lives longer, whatever happens to us. */
export const LIFETIME_MS = 110_000;

export const PORTS = { web: 8080, proxy: 8081 } as const;

/** The files that the web server has: an answer of the usual size, and one for bulk transfer. */
const FILES = { answer: 1024, bulk: 16 << 20 } as const;
export type FileName = keyof typeof FILES;

/**
 * Where the run plays: one cgroup with a child for each workload, two network namespaces joined by a veth pair, an unmodified web server
 * in the first, its client beside it (loopback) and a neighbour in the second.
 */
export interface Stage {
  readonly cleanup: Cleanup;
  readonly narrator: Narrator;
  readonly assertions: Assertions;
  readonly cgroup: Cgroup;
  readonly workloads: {
    readonly web: Cgroup;
    readonly client: Cgroup;
    readonly stranger: Cgroup;
    readonly proxy: Cgroup;
  };
  /** Where server and client are. */
  readonly home: NetworkEnd;
  readonly neighbour: NetworkEnd;
  readonly server: HttpServer;
  /** sha256 of what the server has, hexadecimal. */
  readonly digests: Readonly<Record<FileName, string>>;
  readonly proxySoftware: string | undefined;
  readonly client: LoadGenerator;
}

export async function setStage(cleanup: Cleanup, narrator: Narrator, assertions: Assertions): Promise<Stage> {
  const cgroup = cleanup.use("cgroup", Cgroup.create(labName("demo")));
  const workloads = {
    web: cgroup.child("web"),
    client: cgroup.child("client"),
    stranger: cgroup.child("stranger"),
    proxy: cgroup.child("proxy"),
  };
  const network = cleanup.use("network namespaces", NetworkPair.create(labName("demo")));
  const [home, neighbour] = [network.a, network.b];
  const netns = home.netns;
  const files = { answer: randomBytes(FILES.answer), bulk: randomBytes(FILES.bulk) };
  const digest = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
  const serving = {
    cgroup: workloads.web,
    netns,
    listen: [`0.0.0.0:${PORTS.web}`, `[::]:${PORTS.web}`],
    files,
    lifetimeMs: LIFETIME_MS,
  };
  const server = cleanup.use("web server", (await startNginx(serving)) ?? (await startNodeHttp(serving)));
  const proxy = await startHaproxy({
    cgroup: workloads.proxy,
    netns,
    listen: `127.0.0.1:${PORTS.proxy}`,
    backend: `127.0.0.1:${PORTS.web}`,
    lifetimeMs: LIFETIME_MS,
  });
  if (proxy) cleanup.use("proxy", proxy);
  const client = cleanup.use(
    "client",
    LoadGenerator.start({ cgroup: workloads.client, netns, lifetimeMs: LIFETIME_MS }),
  );
  return {
    cleanup,
    narrator,
    assertions,
    cgroup,
    workloads,
    home,
    neighbour,
    server,
    digests: { answer: digest(files.answer), bulk: digest(files.bulk) },
    proxySoftware: proxy?.software,
    client,
  };
}
