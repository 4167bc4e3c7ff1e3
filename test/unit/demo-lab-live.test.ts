import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import {
  Cgroup,
  Cleanup,
  gone,
  LabProcess,
  LoadGenerator,
  labName,
  mustRun,
  NetworkPair,
  run,
  ScratchFolder,
  sleep,
  socketStatistics,
  startHaproxy,
  startNginx,
  startNodeHttp,
  waitFor,
} from "../../demo/lab/index.ts";
import { ensureDist } from "../support/dist.ts";
import { describeKernel } from "../support/kernel.ts";

// The lab on this machine: it needs root and iproute2, not BPF.
describeKernel(
  "the lab",
  () => {
    beforeAll(ensureDist);
    const cleanup = new Cleanup();
    afterEach(async () => {
      expect(await cleanup.run()).toEqual([]);
    });

    test("a cgroup is removed with all that runs in it, however deep", async () => {
      const cgroup = cleanup.use("cgroup", Cgroup.create(labName("live")));
      const inner = cgroup.child("a").child("b");
      const process = LabProcess.start(["sleep", "30"], { cgroup: inner, lifetimeMs: 30_000 });
      await waitFor("the process in its cgroup", () => inner.pids.includes(process.pid));
      await cgroup.close();
      expect(existsSync(cgroup.path)).toBe(false);
      expect(await gone(process.pid)).toBe(true);
      await cgroup.close();
    });

    test("a process ends when its time is up, and stopping one that has ended is no error", async () => {
      const process = LabProcess.start(["sleep", "30"], { lifetimeMs: 50 });
      expect((await process.exited).signal).toBe("SIGKILL");
      await process.close();
      const absent = LabProcess.start(["tsbpf-no-such-command"], { lifetimeMs: 1_000 });
      expect((await absent.exited).code).not.toBe(0);
    });

    test("a process that ignores SIGTERM ends all the same", async () => {
      const process = LabProcess.start(["sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"], {
        lifetimeMs: 20_000,
      });
      await sleep(100);
      await process.close();
      expect(process.running).toBe(false);
    });

    test("connections of both families, on loopback and veth, are cubic, and the machine's setting is as it was", async () => {
      const before = (await mustRun(["sysctl", "-n", "net.ipv4.tcp_congestion_control"])).trim();
      const { a, b } = cleanup.use("network", NetworkPair.create(labName("live")));
      const server = cleanup.use(
        "server",
        await startNodeHttp({
          netns: a.netns,
          listen: ["0.0.0.0:8080", "[::]:8080"],
          files: { x: Buffer.alloc(10_000) },
          lifetimeMs: 20_000,
        }),
      );
      expect(server.software).toContain("node");
      for (const [netns, host] of [
        [a.netns, "127.0.0.1"],
        [a.netns, "::1"],
        [b.netns, a.ip4],
        [b.netns, a.ip6],
      ] as const) {
        const client = cleanup.use("client", LoadGenerator.start({ netns, lifetimeMs: 20_000 }));
        const window = client.window({ host, port: 8080, path: "/x", connections: 2, durationMs: 400 });
        const sockets = await waitFor(`connections to ${host}`, async () => {
          const own = (await socketStatistics({ netns })).filter(
            ({ remote, bytesSent }) => remote.endsWith(":8080") && bytesSent > 0n,
          );
          return own.length === 2 && own;
        });
        for (const socket of sockets) expect(socket.congestionControl, host).toBe("cubic");
        expect((await window).errors).toBe(0);
      }
      expect((await mustRun(["sysctl", "-n", "net.ipv4.tcp_congestion_control"])).trim()).toBe(before);
    });

    test("every body that arrives is the one that was served, through the proxy too", async (context) => {
      const { a } = cleanup.use("network", NetworkPair.create(labName("live")));
      const body = randomBytes(300_000);
      const options = { netns: a.netns, listen: ["127.0.0.1:8080"], files: { body }, lifetimeMs: 20_000 };
      const server = cleanup.use("server", (await startNginx(options)) ?? (await startNodeHttp(options)));
      const proxy = await startHaproxy({
        netns: a.netns,
        listen: "127.0.0.1:8081",
        backend: "127.0.0.1:8080",
        lifetimeMs: 20_000,
      });
      if (!proxy) return context.skip("haproxy is not installed");
      cleanup.use("proxy", proxy);
      const client = cleanup.use("client", LoadGenerator.start({ netns: a.netns, lifetimeMs: 20_000 }));
      for (const port of [8080, 8081]) {
        const window = await client.window({
          host: "127.0.0.1",
          port,
          path: "/body",
          connections: 3,
          durationMs: 300,
          hash: "all",
        });
        expect(window.bodies).toEqual([createHash("sha256").update(body).digest("hex")]);
        expect(window.requests).toBeGreaterThan(0);
        expect(window.errors).toBe(0);
      }
      await server.close();
      const refused = await client.window({
        host: "127.0.0.1",
        port: 8080,
        path: "/body",
        connections: 2,
        durationMs: 100,
      });
      expect(refused).toMatchObject({ requests: 0, errors: 2 });
    });

    test("a namespace that cannot be made leaves none behind", async () => {
      const pair = cleanup.use("network", NetworkPair.create(labName("live")));
      expect(() => NetworkPair.create(labName("live"))).toThrow();
      expect(existsSync(pair.a.netns.path)).toBe(true);
      expect(() =>
        NetworkPair.create(labName("other"), { congestionControl: "no-such-algorithm" }),
      ).toThrow();
      expect((await run(["ip", "netns"])).stdout).not.toContain(labName("other"));
    });

    test("a scratch folder goes with its content", () => {
      const folder = ScratchFolder.create("live");
      expect(basename(folder.path)).toContain(labName("live"));
      folder.close();
      folder.close();
      expect(existsSync(folder.path)).toBe(false);
    });
  },
  "ip",
);
