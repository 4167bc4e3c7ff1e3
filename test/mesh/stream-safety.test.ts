import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Mesh, type ProbeOptions, type ProbeReport, runProbe, type Scenario } from "../../mesh/index.ts";
import { describeKernel } from "../support/kernel.ts";
import { compileDataPlane } from "./data-plane.ts";
import { makeTwoNamespaces, makeWorkloads, places, type TwoNamespaces, type Workloads } from "./topology.ts";

// Real connections with both ends in the mesh. Each scenario is what an application does; the stream must be what TCP would have made it, and
// the counters must say that it was redirected, or the test would show nothing.

/** The shortcut's default budget. */
const BUDGET = 256 << 10;
const LIMIT = 8 << 20;
/** What the buffers of TCP itself may hold for a reader that does not read. */
const TCP_BUFFERS = 24 << 20;

let mesh: Mesh;
let workloads: Workloads;
let namespaces: TwoNamespaces;

function redirectedBytes(): number {
  return mesh.traffic().reduce((sum, { sent }) => sum + Number(sent.redirected), 0);
}

interface Run extends ProbeReport {
  /** Bytes redirected meanwhile. */
  readonly redirected: number;
}

function expectFinished({ server, client }: ProbeReport): void {
  for (const end of [server, client]) {
    expect(end).not.toHaveProperty("timeout");
    expect(end).not.toHaveProperty("error");
  }
}

async function run(scenario: Scenario, options: ProbeOptions): Promise<Run> {
  const before = redirectedBytes();
  const report = await runProbe(scenario, {
    serverCgroup: workloads.server.path,
    clientCgroup: workloads.client.path,
    ...options,
  });
  expectFinished(report);
  return { ...report, redirected: redirectedBytes() - before };
}

describeKernel(
  "streams through the shortcut",
  () => {
    beforeAll(async () => {
      workloads = makeWorkloads();
      namespaces = makeTwoNamespaces();
      mesh = await Mesh.load({ object: await compileDataPlane(), shortcut: { limit: LIMIT } });
      mesh.attach(workloads.mesh.path);
    });
    afterAll(() => {
      mesh?.close();
      namespaces?.[Symbol.dispose]();
      workloads?.[Symbol.dispose]();
    });

    describe.each(places)("%s", (_name, place) => {
      const at = (options: ProbeOptions): ProbeOptions => ({ ...place(namespaces), ...options });

      test("carries requests and responses", async () => {
        const result = await run("exchange", at({ size: 3000, rounds: 100 }));
        expect(result.intact).toBe(true);
        expect(result.redirected).toBe(600_000);
      });

      test("keeps the order where both ends write as soon as they can", async () => {
        const result = await run("eager", at({ size: 2000, rounds: 100 }));
        expect(result.intact).toBe(true);
        expect(result.redirected).toBeGreaterThan(0);
      });

      test("keeps the order where both ends write more than the budget as soon as they can", async () => {
        const result = await run("eager", at({ size: BUDGET + 10_000, rounds: 10 }));
        expect(result.intact).toBe(true);
      });

      test.each(["write-close", "server-write-close"] as const)(
        "%s: what was written before close is read",
        async (scenario) => {
          const result = await run(scenario, at({ size: 200_000 }));
          expect(result.intact).toBe(true);
          expect(result.redirected).toBe(200_000);
        },
      );

      test("half-close: the response comes after the request's end", async () => {
        const result = await run("half-close", at({ size: 100_000 }));
        expect(result.intact).toBe(true);
        expect(result.redirected).toBe(200_000);
      });

      test("half-close: a response is still there when both ends have closed", async () => {
        const result = await run("half-close-early", at({ size: 100_000 }));
        expect(result.intact).toBe(true);
        expect(result.redirected).toBe(200_000);
      });

      test("a reset ends the connection behind the bytes that came before it", async () => {
        const result = await run("reset", at({ size: 100_000 }));
        expect(result.intact).toBe(true);
        expect(result.server.ending).toBe("ECONNRESET");
        expect(result.server.write).toBe("EPIPE");
        expect(result.redirected).toBe(100_000);
      });

      test("the server speaks first", async () => {
        const result = await run("server-first", at({ size: 5000 }));
        expect(result.intact).toBe(true);
        expect(result.redirected).toBeGreaterThanOrEqual(5000);
      });

      test("MSG_PEEK shows what is read next and takes nothing", async () => {
        const result = await run("peek", at({ size: 4000, rounds: 50 }));
        expect(result.intact).toBe(true);
        expect(result.server).toMatchObject({ changed: 0, empty: 0 });
        expect(result.redirected).toBe(200_000);
      });

      test("edge-triggered epoll misses no edge", async () => {
        const result = await run("epoll-edge", at({ size: 900, rounds: 400 }));
        expect(result.intact).toBe(true);
        expect(result.server.missedEdges).toBe(0);
        // Nobody answers: from the budget on it goes over TCP.
        expect(result.redirected).toBeGreaterThan(BUDGET / 2);
        expect(result.redirected).toBeLessThanOrEqual(BUDGET);
      });

      test("SO_RCVLOWAT set before the connection is honoured: it is not redirected", async () => {
        const result = await run("low-water", at({ size: 4000, rounds: 5, lowWater: 4000 }));
        expect(result.intact).toBe(true);
        expect(result.server).toMatchObject({ option: "set", early: 0, earlyPoll: 0 });
        expect(result.redirected).toBe(0);
      });

      test("SO_RCVLOWAT on a redirected connection is refused, not ignored", async () => {
        const result = await run("low-water", at({ size: 4000, rounds: 5 }));
        expect(result.intact).toBe(true);
        expect(result.server.option).toBe("ENOPROTOOPT");
        expect(result.redirected).toBe(20_000);
      });

      test("FIONREAD counts what was redirected", async () => {
        const result = await run("unread", at({ size: 1000, rounds: 100 }));
        expect(result.intact).toBe(true);
        expect(result.server).toMatchObject({ zero: 0, wrong: 0 });
        expect(result.redirected).toBe(100_000);
      });

      test("a reader that never reads holds the writer back", async () => {
        const result = await run("never-reads", at({ size: 1 << 20, rounds: 128 }));
        expect(result.client.accepted).toBeGreaterThan(BUDGET / 2);
        expect(result.client.accepted).toBeLessThan(BUDGET + TCP_BUFFERS);
        expect(result.redirected).toBeGreaterThan(0);
        expect(result.redirected).toBeLessThanOrEqual(BUDGET);
      });

      test("a reader that writes but never reads holds the writer back", async () => {
        const result = await run("writes-never-reads", at({ size: 100_000, rounds: 700 }));
        expect(result.client.accepted).toBeLessThan(LIMIT + TCP_BUFFERS);
        expect(result.redirected).toBeGreaterThan(LIMIT / 2);
        expect(result.redirected).toBeLessThanOrEqual(LIMIT + 700);
      });

      test("what is answered unread stays in order", async () => {
        const result = await run("answer-unread", at({ size: 300_000, rounds: 2 }));
        expect(result.intact).toBe(true);
      });

      test("bulk goes over TCP from the budget on, and stays whole", async () => {
        const result = await run("exchange", at({ size: 2_000_000, rounds: 3 }));
        expect(result.intact).toBe(true);
        expect(result.redirected).toBeLessThanOrEqual(2 * BUDGET);
      });

      test.each(["server", "client"] as const)("the %s is not in the mesh", async (role) => {
        const outside = { [`${role}Cgroup`]: workloads.outside.path };
        const result = await run("exchange", at({ size: 3000, rounds: 50, ...outside }));
        expect(result.intact).toBe(true);
        expect(result.redirected).toBe(0);
        const unread = await run("unread", at({ size: 1000, rounds: 20, ...outside }));
        expect(unread.server).toMatchObject({ zero: 0, wrong: 0 });
      });

      test("a workload that opted out may splice", async () => {
        mesh.setWorkloads([{ cgroup: workloads.server.path, shortcut: false }]);
        try {
          const result = await run("splice", at({ size: 20_000, rounds: 20 }));
          expect(result.intact).toBe(true);
          expect(result.redirected).toBe(0);
        } finally {
          mesh.setWorkloads([]);
        }
      });
    });

    test.each([
      ["IPv4", "127.0.0.1"],
      ["IPv6", "::1"],
    ])("the same 4-tuple in two namespaces is two connections (%s)", async (_family, address) => {
      // The second pair connects while the first is connected, and both exchange at the same time.
      let connected = 0;
      let bothConnected = () => {};
      const both = new Promise<void>((resolve) => {
        bothConnected = resolve;
      });
      const inside = (netns: string, size: number) =>
        runProbe("exchange", {
          address,
          port: 18080,
          clientPort: 28080,
          size,
          rounds: 300,
          serverNetns: netns,
          clientNetns: netns,
          serverCgroup: workloads.server.path,
          clientCgroup: workloads.client.path,
          whenConnected: () => {
            connected++;
            if (connected === 2) bothConnected();
            return both;
          },
        });
      const before = redirectedBytes();
      const results = await Promise.all([
        inside(namespaces.server.path, 1111),
        inside(namespaces.client.path, 2222),
      ]);
      expect(connected).toBe(2);
      for (const result of results) expect(result.intact).toBe(true);
      expect(redirectedBytes() - before).toBe(600 * (1111 + 2222));
    });

    test("many connections at once, all whole and every byte counted", async () => {
      const before = redirectedBytes();
      const sizes = [10, 100, 1000, 3000, 7000, 20_000];
      const results = await Promise.all(
        sizes.map((size, index) =>
          runProbe("exchange", {
            address: index % 2 === 0 ? "127.0.0.1" : "::1",
            size,
            rounds: 150,
            seconds: 20,
            serverCgroup: workloads.server.path,
            clientCgroup: workloads.client.path,
          }),
        ),
      );
      for (const result of results) {
        expectFinished(result);
        expect(result.intact).toBe(true);
      }
      expect(redirectedBytes() - before).toBe(sizes.reduce((sum, size) => sum + 300 * size, 0));
    });

    test("a v4-mapped client is redirected to an IPv4 server's socket", async () => {
      const result = await run("exchange", { address: "::ffff:127.0.0.1", size: 1000, rounds: 20 });
      expect(result.intact).toBe(true);
      expect(result.redirected).toBe(40_000);
    });

    test.each(["address4", "address6"] as const)(
      "bytes that came with the SYN stay first (%s)",
      async (address) => {
        for (const netns of [namespaces.server, namespaces.client]) {
          // Client and server, with data in any SYN, without cookies, on all listeners (Documentation/networking/ip-sysctl.rst).
          netns.run("sh", "-c", "echo 1543 > /proc/sys/net/ipv4/tcp_fastopen");
        }
        const sent = () => mesh.traffic().reduce((sum, report) => sum + Number(report.sent.total), 0);
        const before = sent();
        const result = await run("fast-open", {
          address: namespaces[address],
          size: 500,
          rounds: 10,
          serverNetns: namespaces.server.path,
          clientNetns: namespaces.client.path,
        });
        expect(result.client.synData).toBe(1);
        expect(result.intact).toBe(true);
        expect(sent() - before).toBe(5500);
      },
    );

    test("FIONREAD counts what came over TCP to an enrolled socket", async () => {
      using small = await Mesh.load({ object: await compileDataPlane(), shortcut: { budget: 1000 } });
      using cgroups = makeWorkloads();
      small.attach(cgroups.mesh.path);
      const result = await runProbe("unread", {
        size: 5000,
        rounds: 50,
        serverCgroup: cgroups.server.path,
        clientCgroup: cgroups.client.path,
      });
      expect(result.intact).toBe(true);
      expect(result.server).toMatchObject({ zero: 0, wrong: 0 });
      expect(small.traffic().every(({ sent }) => sent.redirected === 0n)).toBe(true);
    });

    test("paused in the middle of a stream, it goes on over TCP", async () => {
      using paused = await Mesh.load({ object: await compileDataPlane() });
      using cgroups = makeWorkloads();
      paused.attach(cgroups.mesh.path);
      const redirected = () => paused.traffic().reduce((sum, { sent }) => sum + sent.redirected, 0n);
      const overTcp = () => paused.traffic().reduce((sum, { sent }) => sum + sent.tcp, 0n);
      let pausedAt = 0n;
      const timer = setInterval(() => {
        if (pausedAt > 0n || redirected() === 0n) return;
        paused.pauseShortcut();
        pausedAt = redirected();
      }, 1);
      try {
        const result = await runProbe("exchange", {
          size: 1000,
          rounds: 20_000,
          serverCgroup: cgroups.server.path,
          clientCgroup: cgroups.client.path,
        });
        expect(result.intact).toBe(true);
      } finally {
        clearInterval(timer);
      }
      expect(pausedAt).toBeGreaterThan(0n);
      expect(overTcp()).toBeGreaterThan(0n);
      expect(redirected() + overTcp()).toBe(40_000_000n);
    });
  },
  "ip",
);
