// The examples, with real traffic.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { KernelLink } from "../../../runtime/index.ts";
import { makeCgroup } from "../../support/cgroup.ts";
import { descriptorOf, dial, listen, portOf, read } from "../../support/tcp.ts";
import { loadGuest, runs, until } from "./guest.ts";

const LOOPBACK = 0x7f000001;
const TCP = 6;

describe("examples", () => {
  for (const file of readdirSync("/tsbpf/objects/examples")) {
    test(`${file} loads`, async () => {
      using app = await loadGuest(`examples/${file.replace(/\.o$/, "")}`);
      assert.ok(Object.keys(app.programs).length > 0);
    });
  }

  test("count-connections counts by peer, and its log is decoded", async () => {
    using app = await loadGuest<typeof import("../../../programs/examples/count-connections.bpf.js")>(
      "examples/count-connections",
    );
    const lines: string[] = [];
    using _log = app.log?.on((record) => lines.push(record.text));
    using cgroup = makeCgroup();
    using server = await listen(() => {});
    using _link = app.programs.count.attach({ cgroup: cgroup.path });
    const ports: (number | undefined)[] = [];
    for (let n = 0; n < 3; n++) {
      using inside = await dial(server, cgroup);
      using _outside = await dial(server);
      ports.push(inside.localPort);
    }
    assert.deepEqual([...app.maps.connections], [[LOOPBACK, 3n]]);
    await until(() => lines.length >= 3, "three lines of the log");
    assert.deepEqual(
      lines,
      ports.map((port) => `connection ${port} with 127.0.0.1`),
    );
  });

  test("drop-port refuses one port and no other", async () => {
    using cgroup = makeCgroup();
    using refused = await listen(() => {});
    using allowed = await listen(() => {});
    using app = await loadGuest<typeof import("../../../programs/examples/drop-port.bpf.js")>(
      "examples/drop-port",
      { port: portOf(refused) },
    );
    using _link = app.programs.drop4.attach({ cgroup: cgroup.path });
    await assert.rejects(dial(refused, cgroup), { code: "EPERM" });
    using _inside = await dial(allowed, cgroup);
    using _outside = await dial(refused);
    assert.equal(app.globals.refused, 1n);
  });

  test("packet-sizes counts every packet in one slot", async () => {
    using app =
      await loadGuest<typeof import("../../../programs/examples/packet-sizes.bpf.js")>(
        "examples/packet-sizes",
      );
    using cgroup = makeCgroup();
    using server = await listen((socket) => socket.pipe(socket));
    using _egress = app.programs.egress.attach({ cgroup: cgroup.path });
    using socket = await dial(server, cgroup);
    socket.write("x".repeat(5000));
    await read(socket, 5000);
    const cpus = app.maps.sizes.get(1) ?? [];
    const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
    assert.ok(sum(cpus.map((cpu) => cpu.bytes)) >= 5000n);
    assert.equal(sum(cpus.flatMap((cpu) => [...cpu.slots])), sum(cpus.map((cpu) => cpu.packets)));
  });

  test("connection-log sends a record through the ring buffer", async () => {
    using app =
      await loadGuest<typeof import("../../../programs/examples/connection-log.bpf.js")>(
        "examples/connection-log",
      );
    using cgroup = makeCgroup();
    using server = await listen((socket) => socket.end("twelve bytes"));
    using _link = app.programs.log.attach({ cgroup: cgroup.path });
    const records = app.maps.closed[Symbol.asyncIterator]();
    using socket = await dial(server, cgroup);
    const { localPort } = socket;
    socket.write("hello");
    await read(socket, 12);
    socket.end();
    const { value } = await records.next();
    await records.return?.();
    assert.equal(value.remoteIp4, LOOPBACK);
    assert.equal(value.remotePort, portOf(server));
    assert.equal(value.localPort, localPort);
    assert.ok(value.bytesReceived >= 12n && value.bytesAcked >= 5n && value.durationNs > 0n);
    assert.equal(app.globals.lost, 0n);
  });

  test("rtt keeps what it measured in the socket", async () => {
    using app = await loadGuest<typeof import("../../../programs/examples/rtt.bpf.js")>("examples/rtt");
    using cgroup = makeCgroup();
    using server = await listen((socket) => socket.pipe(socket));
    using _link = app.programs.measure.attach({ cgroup: cgroup.path });
    using socket = await dial(server, cgroup);
    for (let n = 0; n < 5; n++) {
      socket.write("ping");
      await read(socket, 4);
    }
    const trips = app.maps.roundTrips.get(descriptorOf(socket));
    assert.ok(trips !== undefined && trips.samples > 0);
    assert.ok(trips.longestUs >= trips.shortestUs);
  });

  test("message-guard refuses to send one method and lets others pass", async () => {
    using app =
      await loadGuest<typeof import("../../../programs/examples/message-guard.bpf.js")>(
        "examples/message-guard",
      );
    using cgroup = makeCgroup();
    using server = await listen((socket) => socket.on("data", () => socket.write("ok")));
    using _guard = app.programs.guard.attach({ map: app.maps.clients });
    using _enrol = app.programs.enrol.attach({ cgroup: cgroup.path });
    using polite = await dial(server, cgroup);
    polite.write("GET / HTTP/1.1\r\n\r\n");
    assert.equal(await read(polite, 2), "ok");
    using rude = await dial(server, cgroup);
    const failed = once(rude, "error");
    rude.write("DELETE / HTTP/1.1\r\n\r\n");
    const [error] = await failed;
    assert.equal(error.code, "EACCES");
    assert.equal(app.globals.refused, 1n);
  });

  test("echo answers without its process", async () => {
    using cgroup = makeCgroup();
    let seen = 0;
    using server = await listen((socket) => socket.on("data", (chunk) => (seen += chunk.length)), cgroup);
    using app = await loadGuest<typeof import("../../../programs/examples/echo.bpf.js")>("examples/echo", {
      port: portOf(server),
    });
    using _reply = app.programs.reply.attach({ map: app.maps.connections });
    using _enrol = app.programs.enrol.attach({ cgroup: cgroup.path });
    using socket = await dial(server);
    for (const word of ["hello", "kernel"]) {
      socket.write(word);
      assert.equal(await read(socket, word.length), word);
    }
    assert.equal(seen, 0);
  });

  test("firewall drops by the most specific rule on the loopback device", async () => {
    using app =
      await loadGuest<typeof import("../../../programs/examples/firewall.bpf.js")>("examples/firewall");
    using server = await listen((socket) => socket.end("in"));
    app.maps.rules.set({ prefixlen: 8, address: 0x7f000000 }, { deny: false, packets: 0n });
    app.maps.rules.set({ prefixlen: 32, address: 0x7f000063 }, { deny: true, packets: 0n });
    using _link = app.programs.filter.attach({ device: "lo" });
    using socket = await dial(server);
    assert.equal(await read(socket, 2), "in");
    assert.ok((app.maps.rules.get({ prefixlen: 8, address: 0x7f000000 })?.packets ?? 0n) >= 3n);
    assert.equal(app.maps.rules.get({ prefixlen: 32, address: 0x7f000063 })?.packets, 0n);
  });

  test("protocols counts at a device: by tcx from 6.6 on, before that by classic tc", async () => {
    using app =
      await loadGuest<typeof import("../../../programs/examples/protocols.bpf.js")>("examples/protocols");
    using server = await listen((socket) => socket.end("in"));
    using link = app.programs.count.attach({ device: "lo", direction: "ingress" });
    assert.equal(link instanceof KernelLink, runs(6, 6));
    using socket = await dial(server);
    assert.equal(await read(socket, 2), "in");
    assert.ok((app.maps.traffic.get(TCP)?.packets ?? 0n) >= 3n);
    if (!runs(6, 6)) {
      assert.throws(() => link.pin("/sys/fs/bpf/link"), { name: "NotSupportedError", since: "6.6" });
    }
  });

  test("classic tc works on every kernel", async () => {
    using app =
      await loadGuest<typeof import("../../../programs/examples/protocols.bpf.js")>("examples/protocols");
    using server = await listen((socket) => socket.end("in"));
    using _link = app.programs.count.attach({ device: "lo", direction: "egress", classic: true });
    using socket = await dial(server);
    assert.equal(await read(socket, 2), "in");
    assert.ok((app.maps.traffic.get(TCP)?.packets ?? 0n) >= 3n);
  });
});
