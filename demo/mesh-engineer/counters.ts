import { type SocketStatistics, sleep, socketStatistics } from "../lab/index.ts";
import { PORTS, type Stage } from "../stage.ts";
import { bytes } from "../units.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";
import { requestFor } from "./paths.ts";

/** What TCP counted over some time for the connections of the window, both ends together, and what was redirected in it. */
interface Movement {
  readonly connections: number;
  readonly tcpBytes: bigint;
  readonly redirected: bigint;
}

function total(sockets: readonly SocketStatistics[]): bigint {
  return sockets.reduce((sum, { bytesSent, bytesReceived }) => sum + bytesSent + bytesReceived, 0n);
}

/** Watches a window's connections from outside, with `ss`, while it runs. */
async function watch(stage: Stage, redirected: () => bigint | Promise<bigint>): Promise<Movement> {
  const web = `:${PORTS.web}`;
  const own = async (): Promise<SocketStatistics[]> =>
    (await socketStatistics({ netns: stage.home.netns })).filter(
      ({ local, remote }) => local.endsWith(web) || remote.endsWith(web),
    );
  const running = stage.client.window(requestFor("answer", PORTS.web, 1_200));
  await sleep(400);
  const [before, redirectedBefore] = [await own(), await redirected()];
  await sleep(600);
  const [after, redirectedAfter] = [await own(), await redirected()];
  const window = await running;
  const locals = new Set(window.connections.map(([local]) => local));
  const ofWindow = ({ local, remote }: SocketStatistics): boolean => locals.has(local) || locals.has(remote);
  return {
    connections: window.connections.length,
    tcpBytes: total(after.filter(ofWindow)) - total(before.filter(ofWindow)),
    redirected: redirectedAfter - redirectedBefore,
  };
}

/** Redirected bytes beside the counters of TCP, which do not move: the bytes never become segments. */
export async function counters(stage: Stage, mesh: MeshOnStage): Promise<void> {
  const { narrator, assertions } = stage;
  narrator.chapter(
    "Where the bytes go: 600 ms in the middle of a window, seen with ss -ti and with the mesh's counters",
  );
  await mesh.detach();
  const direct = await watch(stage, () => 0n);
  const attached = await mesh.attach();
  // What one end sends the other receives: one of the two is the number of bytes that went this way.
  const shortcut = await watch(stage, () =>
    attached.traffic().reduce((sum, { sent }) => sum + sent.redirected, 0n),
  );
  narrator.table(
    [
      { title: "PATH" },
      { title: "TCP (bytes_sent + bytes_received)", align: "right" },
      { title: "REDIRECTED", align: "right" },
    ],
    [
      ["direct", `+${bytes(direct.tcpBytes)}`, "-"],
      ["shortcut", `+${bytes(shortcut.tcpBytes)}`, `+${bytes(shortcut.redirected)}`],
    ],
  );
  assertions.claim(
    "redirected bytes do not touch TCP's counters",
    direct.tcpBytes > 0n && shortcut.tcpBytes === 0n && shortcut.redirected > 0n,
    `${bytes(shortcut.redirected)} redirected, TCP's counters of ${shortcut.connections} connections +${shortcut.tcpBytes}`,
  );
}
