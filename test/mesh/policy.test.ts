import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type CgroupProgram,
  type DenialReport,
  Mesh,
  type PolicyRule,
  type ProbeOptions,
  runProbe,
} from "../../mesh/index.ts";
import { describeKernel } from "../support/kernel.ts";
import { compileDataPlane } from "./data-plane.ts";
import { makeTwoNamespaces, makeWorkloads, type Workloads } from "./topology.ts";

let workloads: Workloads;
let mesh: Mesh | undefined;

async function start(policy: readonly PolicyRule[], shortcut = true): Promise<Mesh> {
  mesh = await Mesh.load({ object: await compileDataPlane(), policy, shortcut: { enabled: shortcut } });
  return mesh;
}

const exchange = (options: ProbeOptions = {}) =>
  runProbe("exchange", {
    size: 500,
    rounds: 4,
    port: 18090,
    seconds: 5,
    serverCgroup: workloads.server.path,
    clientCgroup: workloads.client.path,
    ...options,
  });

const client = () => ({ cgroup: workloads.client.path });
const onlyIngress: readonly CgroupProgram[] = ["ingress"];

describeKernel(
  "policy",
  () => {
    beforeEach(() => {
      workloads = makeWorkloads();
    });
    afterEach(() => {
      mesh?.close();
      workloads[Symbol.dispose]();
    });

    test.each(["127.0.0.1", "::1"])("lets through what a rule allows (%s)", async (address) => {
      const app = await start([{ id: 1, action: "allow", from: client(), to: address, port: 18090 }]);
      app.attach(workloads.mesh.path);
      expect((await exchange({ address })).intact).toBe(true);
      expect(app.denialCounts()).toEqual([]);
    });

    test.each(["127.0.0.1", "::1"])("denies what no rule allows, with EACCES (%s)", async (address) => {
      const app = await start([]);
      app.attach(workloads.mesh.path);
      const result = await exchange({ address });
      expect(result.client.errno).toBe("EACCES");
      expect(app.denialCounts()).toEqual([
        {
          source: { cgroupId: workloads.client.id, path: undefined },
          direction: "egress",
          reason: "no rule",
          rule: undefined,
          count: 1n,
        },
      ]);
    });

    test("a denial wins over what allows, and names its rule", async () => {
      const app = await start([
        { id: 1, action: "allow", from: "any", to: "any", port: "any" },
        { id: 2, action: "allow", from: client(), to: "127.0.0.1", port: 18090 },
        { id: 7, action: "deny", from: "any", to: "127.0.0.0/8", port: 18090, reason: "not on loopback" },
      ]);
      app.attach(workloads.mesh.path);
      const denials: DenialReport[] = [];
      using _subscription = app.onDenial((denial) => denials.push(denial));
      const result = await exchange();
      expect(result.client.errno).toBe("EACCES");
      await expect.poll(() => denials).toHaveLength(1);
      expect(denials[0]).toMatchObject({
        source: { cgroupId: workloads.client.id, path: workloads.client.path },
        server: "127.0.0.1:18090",
        direction: "egress",
        reason: "rule",
        rule: 7,
        ruleReason: "not on loopback",
      });
      expect(denials[0]?.timeNs).toBeGreaterThan(0n);
      // Elsewhere the first rule holds.
      expect((await exchange({ address: "::1" })).intact).toBe(true);
    });

    test("a rule for the loopback address holds for the unspecified one", async () => {
      const app = await start([
        { id: 1, action: "allow", from: "any", to: "any", port: "any" },
        { id: 2, action: "deny", from: "any", to: "127.0.0.1", port: 18090 },
        { id: 3, action: "deny", from: "any", to: "::1", port: 18090 },
      ]);
      app.attach(workloads.mesh.path);
      expect((await exchange({ toAddress: "0.0.0.0" })).client.errno).toBe("EACCES");
      expect((await exchange({ address: "::1", toAddress: "::" })).client.errno).toBe("EACCES");
    });

    test("a rule for an IPv4 address holds for a v4-mapped connection", async () => {
      const app = await start([{ id: 1, action: "allow", from: "any", to: "127.0.0.1", port: 18090 }]);
      app.attach(workloads.mesh.path);
      expect((await exchange({ toAddress: "::ffff:127.0.0.1" })).intact).toBe(true);
      app.setPolicy([{ id: 1, action: "allow", from: "any", to: "127.0.0.2", port: 18090 }]);
      expect((await exchange({ toAddress: "::ffff:127.0.0.1" })).client.errno).toBe("EACCES");
    });

    test("a rule for a cgroup holds for the cgroups below it", async () => {
      const app = await start([{ id: 1, action: "allow", from: client(), to: "any", port: "any" }]);
      app.attach(workloads.mesh.path);
      const child = workloads.client.child("container");
      // Workloads of one's own do not take away those that rules name.
      app.setWorkloads([{ cgroup: workloads.server.path }]);
      expect((await exchange({ clientCgroup: child.path })).intact).toBe(true);
      const other = await exchange({ clientCgroup: workloads.server.path });
      expect(other.client.errno).toBe("EACCES");
    });

    test.each(["127.0.0.1", "::1"])(
      "at the server, denies a workload that no rule allows (%s)",
      async (address) => {
        const app = await start([{ id: 1, action: "allow", from: client(), to: "any", port: 18090 }]);
        // The client's cgroups have no check of their own: what the server knows of the source, `egress` has recorded.
        app.attach(workloads.server.path, onlyIngress);
        app.attach(workloads.client.path, ["egress"]);
        const other = workloads.mesh.child("other");
        app.attach(other.path, ["egress"]);
        expect((await exchange({ address })).intact).toBe(true);

        const denials: DenialReport[] = [];
        using _subscription = app.onDenial((denial) => denials.push(denial));
        const refused = await exchange({ address, clientCgroup: other.path, seconds: 2 });
        expect(refused.client.timeout).toBe("connect");
        await expect.poll(() => denials.length).toBeGreaterThan(0);
        expect(denials[0]).toMatchObject({
          source: { cgroupId: other.id },
          direction: "ingress",
          reason: "no rule",
          rule: undefined,
        });
        expect(denials[0]?.client).toContain(address);
      },
    );

    test.each(["127.0.0.1", "::1"])("a source that is not in the mesh is unknown (%s)", async (address) => {
      const app = await start([{ id: 1, action: "allow", from: client(), to: "any", port: "any" }]);
      app.attach(workloads.mesh.path);
      const outside = { address, clientCgroup: workloads.outside.path };
      expect((await exchange({ ...outside, seconds: 2 })).client.timeout).toBe("connect");
      const [denied] = app.denialCounts();
      expect(denied).toMatchObject({ source: { cgroupId: 0n }, direction: "ingress", reason: "no rule" });

      app.setPolicy([{ id: 2, action: "allow", from: "unknown", to: "any", port: 18090 }]);
      expect((await exchange(outside)).intact).toBe(true);
      // Unknown is who it is, not everybody.
      expect((await exchange({ address })).client.errno).toBe("EACCES");
    });

    test.each(["in the mesh", "outside"])(
      "a SYN that no TCP socket has sent is from nobody (%s)",
      async (where) => {
        const app = await start([
          { id: 1, action: "allow", from: client(), to: "any", port: "any" },
          { id: 5, action: "deny", from: "unknown", to: "any", port: "any", reason: "strangers" },
        ]);
        app.attach(workloads.mesh.path);
        const cgroup = where === "outside" ? workloads.outside : workloads.client;
        await runProbe("forge", {
          port: 18090,
          clientPort: 28090,
          serverCgroup: workloads.server.path,
          clientCgroup: cgroup.path,
        });
        expect(app.denialCounts()).toMatchObject([
          { source: { cgroupId: 0n }, direction: "ingress", reason: "rule", rule: 5, count: 1n },
        ]);
        expect(app.connectionCount).toBe(0);
      },
    );

    test("a SYN whose headers hide behind an extension header is not let in", async () => {
      const app = await start([{ id: 1, action: "allow", from: "any", to: "any", port: "any" }]);
      app.attach(workloads.mesh.path);
      expect((await exchange({ address: "::1" })).intact).toBe(true);
      const hidden = await exchange({ address: "::1", extension: true, seconds: 2 });
      expect(hidden.client.timeout).toBe("connect");
      expect(app.denialCounts()).toMatchObject([
        { source: { cgroupId: 0n }, direction: "ingress", reason: "unreadable packet", rule: undefined },
      ]);
    });

    test("tells workloads apart across namespaces", async () => {
      using namespaces = makeTwoNamespaces();
      const app = await start([{ id: 1, action: "allow", from: client(), to: "10.99.0.0/24", port: 18090 }]);
      app.attach(workloads.server.path, onlyIngress);
      app.attach(workloads.client.path, ["egress"]);
      const across = {
        address: namespaces.address4,
        serverNetns: namespaces.server.path,
        clientNetns: namespaces.client.path,
      };
      expect((await exchange(across)).intact).toBe(true);
      const unknown = await exchange({ ...across, clientCgroup: workloads.outside.path, seconds: 2 });
      expect(unknown.client.timeout).toBe("connect");
    });

    test("is applied to backends, not to the service's address", async () => {
      const app = await start([{ id: 1, action: "allow", from: client(), to: "127.0.0.1", port: 18090 }]);
      app.setServices([{ address: "10.96.0.20:80", backends: ["127.0.0.1:18090"] }]);
      app.attach(workloads.mesh.path);
      expect((await exchange({ toAddress: "10.96.0.20", toPort: 80 })).intact).toBe(true);
      app.setServices([{ address: "10.96.0.20:80", backends: ["127.0.0.2:18090"] }]);
      const refused = await exchange({ address: "127.0.0.2", toAddress: "10.96.0.20", toPort: 80 });
      expect(refused.client.errno).toBe("EACCES");
    });

    test("is exchanged all at once", async () => {
      const rules = (id: number): PolicyRule[] => [
        { id, action: "allow", from: "any", to: "127.0.0.0/8", port: "any" },
        ...Array.from(
          { length: 50 },
          (_, i): PolicyRule => ({
            id: id + 1 + i,
            action: "deny",
            from: "any",
            to: `10.0.${i}.0/24`,
            port: "any",
          }),
        ),
      ];
      const app = await start(rules(1));
      app.attach(workloads.mesh.path);
      let changes = 0;
      const timer = setInterval(() => app.setPolicy(rules(++changes * 100)), 1);
      try {
        const result = await runProbe("eager", {
          size: 10,
          rounds: 300,
          serverCgroup: workloads.server.path,
          clientCgroup: workloads.client.path,
        });
        expect(result.intact).toBe(true);
      } finally {
        clearInterval(timer);
      }
      expect(changes).toBeGreaterThan(0);
      expect(app.denialCounts()).toEqual([]);
    });

    test("without rules given at load, everything is allowed and none can be set", async () => {
      mesh = await Mesh.load({ object: await compileDataPlane() });
      mesh.attach(workloads.mesh.path);
      expect((await exchange()).intact).toBe(true);
      expect(() => mesh?.setPolicy([])).toThrow(expect.objectContaining({ code: "TSB5006" }));
    });
  },
  "ip",
);
