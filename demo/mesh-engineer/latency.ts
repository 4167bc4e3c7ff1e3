import type { LoadRequest } from "../lab/index.ts";
import { PORTS, type Stage } from "../stage.ts";
import { latencyTable, type Mode, measure } from "../windows.ts";

const ROUNDS = 5;

/** Requests of the usual size on connections that stay open: what a call between two services is. */
function request(port: number): LoadRequest {
  return { host: "127.0.0.1", port, path: "/answer", connections: 4, durationMs: 900, warmupMs: 200 };
}

/** Interleaved windows of every path, the direct one twice: what differs between those two is noise. */
export async function latency(stage: Stage): Promise<void> {
  const nothing = (): void => {};
  const modes: Mode[] = [
    { name: "direct", enter: nothing, request: request(PORTS.web) },
    { name: "direct again (control)", enter: nothing, request: request(PORTS.web) },
    ...(stage.proxySoftware
      ? [{ name: "haproxy in the path", enter: nothing, request: request(PORTS.proxy) }]
      : []),
  ];
  const { narrator } = stage;
  narrator.chapter(`Latency: ${ROUNDS} interleaved windows of each path`);
  const measured = await measure(stage, modes, ROUNDS);
  const { columns, rows } = latencyTable(measured);
  narrator.table(columns, rows);
}
