// The mesh: translation, policy and the shortcut, from the kernel on that it is for.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Mesh, type MeshOptions, type ProbeOptions, runProbe } from "../../../mesh/index.ts";
import { type Cgroup, makeCgroup } from "../../support/cgroup.ts";
import { objectBytes, runs } from "./guest.ts";

interface Workloads extends Disposable {
  readonly server: Cgroup;
  readonly client: Cgroup;
  readonly mesh: Mesh;
}

async function start(settings: (client: Cgroup) => MeshOptions): Promise<Workloads> {
  const all = makeCgroup("mesh");
  const client = all.child("client");
  const server = all.child("server");
  const mesh = await Mesh.load({ object: objectBytes("mesh/mesh"), ...settings(client) });
  mesh.attach(all.path);
  return {
    server,
    client,
    mesh,
    [Symbol.dispose]() {
      mesh.close();
      all[Symbol.dispose]();
    },
  };
}

const exchange = ({ server, client }: Workloads, options: ProbeOptions) =>
  runProbe("exchange", {
    size: 500,
    rounds: 20,
    seconds: 30,
    serverCgroup: server.path,
    clientCgroup: client.path,
    ...options,
  });

describe("mesh", { skip: runs(6, 1) ? false : "needs Linux 6.1" }, () => {
  for (const [family, address, service, backend] of [
    ["IPv4", "127.0.0.1", "10.96.0.10:80", "127.0.0.1:18081"],
    ["IPv6", "::1", "[fd96::10]:80", "[::1]:18081"],
  ] as const) {
    test(`takes a connection to a service to its backend, and redirects its bytes (${family})`, async () => {
      using workloads = await start(() => ({ services: [{ address: service, backends: [backend] }] }));
      const toAddress = service.slice(0, service.lastIndexOf(":")).replace(/[[\]]/g, "");
      const result = await exchange(workloads, { address, port: 18081, toAddress, toPort: 80 });
      assert.equal(result.intact, true, JSON.stringify(result));
      assert.equal(result.client.peer, backend);
      assert.deepEqual(workloads.mesh.translations(), [{ service, backend, count: 1n }]);
      const redirected = workloads.mesh.traffic().reduce((sum, { sent }) => sum + sent.redirected, 0n);
      // 20 rounds of 500 bytes each way.
      assert.equal(redirected, 20_000n);
    });
  }

  test("sends over TCP where the shortcut is off", async () => {
    using workloads = await start(() => ({ shortcut: { enabled: false } }));
    const result = await exchange(workloads, { address: "127.0.0.1", port: 18082 });
    assert.equal(result.intact, true, JSON.stringify(result));
    const sent = workloads.mesh.traffic().map((report) => report.sent);
    assert.equal(
      sent.reduce((sum, { redirected }) => sum + redirected, 0n),
      0n,
    );
    assert.equal(
      sent.reduce((sum, { tcp }) => sum + tcp, 0n),
      20_000n,
    );
  });

  test("allows what a rule allows, and denies the rest", async () => {
    using workloads = await start((client) => ({
      policy: [{ id: 7, action: "allow", from: { cgroup: client.path }, to: "127.0.0.1", port: 18083 }],
    }));
    const allowed = await exchange(workloads, { address: "127.0.0.1", port: 18083 });
    assert.equal(allowed.intact, true, JSON.stringify(allowed));
    const denied = await exchange(workloads, { address: "127.0.0.1", port: 18084, seconds: 3 });
    assert.equal(denied.intact, false);
    const counts = workloads.mesh.denialCounts();
    assert.ok(
      counts.length > 0 && counts.every(({ reason }) => reason === "no rule"),
      JSON.stringify(denied),
    );
  });
});

describe("mesh before 6.1", { skip: runs(6, 1) ? "the kernel has what it needs" : false }, () => {
  test("is refused, and the message says which kernel it needs", async () => {
    await assert.rejects(Mesh.load({ object: objectBytes("mesh/mesh") }), {
      name: "NotSupportedError",
      since: "6.1",
    });
  });
});
