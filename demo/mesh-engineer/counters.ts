import { type SocketStatistics, sleep, socketStatistics } from "../lab/index.ts";
import { PORTS, type Stage } from "../stage.ts";
import { bytes } from "../units.ts";
import type { MeshOnStage } from "./mesh-on-stage.ts";
import { requestFor } from "./paths.ts";

/** The connections of a window, both ends, at two moments in it. */
interface Movement {
  readonly connections: number;
  readonly before: readonly SocketStatistics[];
  readonly after: readonly SocketStatistics[];
  /** Bytes redirected between the two. */
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
    before: before.filter(ofWindow),
    after: after.filter(ofWindow),
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
  const row = (path: string, { before, after, redirected }: Movement): string[] => [
    path,
    String(after.length),
    bytes(total(before)),
    bytes(total(after)),
    `+${bytes(total(after) - total(before))}`,
    `+${bytes(redirected)}`,
  ];
  narrator.table(
    ["PATH", "SOCKETS", "SS BEFORE", "SS AFTER", "TCP", "REDIRECTED"].map((title, i) => ({
      title,
      align: i === 0 ? ("left" as const) : ("right" as const),
    })),
    [row("direct, no mesh", direct), row("mesh with its shortcut", shortcut)],
  );
  narrator.say("  ss: bytes_sent and bytes_received of the window's sockets, both ends, summed up");
  const moved = ({ before, after }: Movement): bigint => total(after) - total(before);
  const bothEnds = [direct, shortcut].every(
    ({ connections, before, after }) => before.length === 2 * connections && after.length === 2 * connections,
  );
  assertions.claim(
    "redirected bytes do not touch TCP's counters",
    bothEnds && moved(direct) > 0n && moved(shortcut) === 0n && shortcut.redirected > 0n,
    `${bytes(shortcut.redirected)} redirected, TCP's counters of ${shortcut.after.length} sockets +${moved(shortcut)}`,
  );
  const algorithms = new Set([...direct.after, ...shortcut.after].map((socket) => socket.congestionControl));
  assertions.claim(
    "every connection watched ran with cubic",
    algorithms.size === 1 && algorithms.has("cubic"),
    [...algorithms].join(", "),
  );
}
