import { EnvironmentError } from "../environment.ts";
import { type LabProcess, type Place, run } from "../process.ts";
import { sleep } from "../time.ts";

/** Waits until something listens on `port` in the place's network namespace, asking `ss` so that no connection is made. */
export async function listening(
  server: LabProcess,
  port: number,
  place: Place,
  timeoutMs = 5_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (!server.running) throw new Error(`${server.command} ended at once: ${server.errors.trim()}`);
    const { stdout } = await run(["ss", "-ltnH"], place.netns ? { netns: place.netns } : {});
    if (new RegExp(`:${port}\\s`).test(stdout)) return;
    await sleep(20);
  }
  throw new EnvironmentError(
    `${server.command}: nothing listens on port ${port} after ${timeoutMs} ms: ${server.errors.trim()}`,
  );
}
