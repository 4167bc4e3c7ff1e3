import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { findCgroup2, sleep } from "../../demo/lab/index.ts";
import { ensureDist, packageRoot } from "../support/dist.ts";
import { describeKernel } from "../support/kernel.ts";

const demo = join(packageRoot, "dist", "demo", "main.js");

/** What of that process is still on the machine. */
function leftBehind(pid: number): string[] {
  const own = (name: string): boolean => name.startsWith(`tsbpf-${pid}-`);
  const folders = [findCgroup2(), tmpdir(), "/run/netns"].filter((path) => existsSync(path));
  return folders.flatMap((path) => readdirSync(path).filter(own));
}

beforeAll(ensureDist);

describeKernel(
  "the demonstration, interrupted",
  () => {
    for (const [signal, code, moment] of [
      ["SIGINT", 130, "== The stage"],
      ["SIGTERM", 143, "network namespaces"],
      ["SIGINT", 130, "== Latency"],
    ] as const) {
      test(`by ${signal} at "${moment}" cleans up and answers ${code}`, async () => {
        const child = spawn(process.execPath, [demo], { timeout: 60_000, killSignal: "SIGKILL" });
        const { pid } = child;
        let output = "";
        let sent = false;
        child.stderr.on("data", (chunk: Buffer) => {
          output += chunk.toString();
        });
        child.stdout.on("data", (chunk: Buffer) => {
          output += chunk.toString();
          if (sent || !output.includes(moment)) return;
          sent = true;
          child.kill(signal);
          // An impatient user.
          setTimeout(() => child.kill(signal), 50);
        });
        const [exit] = await once(child, "close");
        expect({ exit, sent }).toEqual({ exit: code, sent: true });
        expect(output).toContain("everything is cleaned up");
        await sleep(50);
        expect(leftBehind(pid as number)).toEqual([]);
      }, 70_000);
    }
  },
  "ip",
);

test("without root it says so and answers 3", (context) => {
  if (process.getuid?.() !== 0) return context.skip("needs root, to be someone else");
  const { status, stderr } = spawnSync(
    "setpriv",
    ["--reuid=65534", "--clear-groups", process.execPath, demo],
    { encoding: "utf8" },
  );
  if (stderr.includes("EACCES") || stderr.includes("Cannot find module"))
    return context.skip("the checkout is closed to others");
  expect(status).toBe(3);
  expect(stderr).toContain("needs root");
});
