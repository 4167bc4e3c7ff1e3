// Loads each example, sends it real traffic in a cgroup or namespace of its own, and checks what it did.

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Collection, load } from "../../runtime/index.ts";
import { describeKernel, makeCgroup, makeNetns, makeVeth, type Netns } from "../support/kernel.ts";
import { descriptorOf, dial, listen, portOf, read } from "../support/tcp.ts";

const folder = fileURLToPath(new URL("../../programs/examples", import.meta.url));

function loadExample<M>(name: string, constants: Record<string, unknown> = {}): Promise<Collection<M>> {
  return load<M>(`${folder}/${name}.bpf.ts`, { constants });
}

const LOOPBACK = 0x7f000001;

describeKernel(
  "examples",
  () => {
    test("count-connections counts what the cgroup opens, by peer", async () => {
      using app =
        await loadExample<typeof import("../../programs/examples/count-connections.bpf.js")>(
          "count-connections",
        );
      using cgroup = makeCgroup();
      using server = await listen(() => {});
      using _link = app.programs.count.attach({ cgroup: cgroup.path });
      for (let n = 0; n < 3; n++) {
        using _inside = await dial(server, cgroup);
        using _outside = await dial(server);
      }
      expect([...app.maps.connections]).toEqual([[LOOPBACK, 3n]]);
    });

    test("drop-port refuses one port and no other", async () => {
      using cgroup = makeCgroup();
      using refused = await listen(() => {});
      using allowed = await listen(() => {});
      using app = await loadExample<typeof import("../../programs/examples/drop-port.bpf.js")>("drop-port", {
        port: portOf(refused),
      });
      using _link = app.programs.drop4.attach({ cgroup: cgroup.path });
      await expect(dial(refused, cgroup)).rejects.toMatchObject({ code: "EPERM" });
      using _inside = await dial(allowed, cgroup);
      using _outside = await dial(refused);
      expect(app.globals.refused).toBe(1n);
    });

    test("packet-sizes puts every packet into one slot", async () => {
      using app =
        await loadExample<typeof import("../../programs/examples/packet-sizes.bpf.js")>("packet-sizes");
      using cgroup = makeCgroup();
      using server = await listen((socket) => socket.pipe(socket));
      using _ingress = app.programs.ingress.attach({ cgroup: cgroup.path });
      using _egress = app.programs.egress.attach({ cgroup: cgroup.path });
      using socket = await dial(server, cgroup);
      socket.write("x".repeat(5000));
      await read(socket, 5000);
      for (const direction of [0, 1]) {
        const cpus = app.maps.sizes.get(direction);
        if (cpus === undefined) throw new Error("no histogram");
        const packets = cpus.reduce((sum, cpu) => sum + cpu.packets, 0n);
        const bytes = cpus.reduce((sum, cpu) => sum + cpu.bytes, 0n);
        const slots = cpus.flatMap((cpu) => [...cpu.slots]);
        expect(bytes).toBeGreaterThanOrEqual(5000n);
        expect(slots.reduce((sum, count) => sum + count, 0n)).toBe(packets);
        // What is in slot i has 2ⁱ bytes at least.
        const least = slots.reduce((sum, count, index) => sum + count * 2n ** BigInt(index % 18), 0n);
        expect(least).toBeLessThanOrEqual(bytes);
        expect(least * 2n).toBeGreaterThan(bytes);
      }
    });

    test("protocols counts by protocol what arrives at a device", async () => {
      using app = await loadExample<typeof import("../../programs/examples/protocols.bpf.js")>("protocols");
      using netns = makeNetns();
      using veth = makeVeth(netns);
      using server = await listen((socket) => socket.end(), undefined, "0.0.0.0");
      using _link = app.programs.count.attach({ device: veth.device, direction: "ingress" });
      expect(await reachable(netns, veth.address, portOf(server))).toBe(true);
      const tcp = app.maps.traffic.get(6);
      // A handshake and an end have at least SYN, ACK and FIN from the client, each with Ethernet, IP and TCP headers.
      expect(tcp?.packets).toBeGreaterThanOrEqual(3n);
      expect(tcp?.bytes).toBeGreaterThanOrEqual(3n * 54n);
      expect(app.maps.traffic.get(17)).toEqual({ packets: 0n, bytes: 0n });
    });

    test("firewall drops by the most specific rule", async () => {
      using app = await loadExample<typeof import("../../programs/examples/firewall.bpf.js")>("firewall");
      using netns = makeNetns();
      using veth = makeVeth(netns);
      using server = await listen((socket) => socket.end(), undefined, "0.0.0.0");
      using _link = app.programs.filter.attach({ device: veth.device });
      const [a = 0, b = 0, c = 0, d = 0] = veth.peerAddress.split(".").map(Number);
      const peer = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
      expect(await reachable(netns, veth.address, portOf(server))).toBe(true);

      const net = { prefixlen: 8, address: (a << 24) >>> 0 };
      app.maps.rules.set(net, { deny: true, packets: 0n });
      expect(await reachable(netns, veth.address, portOf(server))).toBe(false);
      expect(app.maps.rules.get(net)?.packets).toBeGreaterThan(0n);

      const host = { prefixlen: 32, address: peer };
      app.maps.rules.set(host, { deny: false, packets: 0n });
      expect(await reachable(netns, veth.address, portOf(server))).toBe(true);
      expect(app.maps.rules.get(host)?.packets).toBeGreaterThan(0n);
    });

    test("connection-log sends a record for each connection that ends", async () => {
      using app =
        await loadExample<typeof import("../../programs/examples/connection-log.bpf.js")>("connection-log");
      using cgroup = makeCgroup();
      using server = await listen((socket) => socket.end("twelve bytes"));
      using _link = app.programs.log.attach({ cgroup: cgroup.path });
      const records = app.maps.closed[Symbol.asyncIterator]();
      {
        using socket = await dial(server, cgroup);
        const local = socket.localPort;
        socket.write("hello");
        await read(socket, 12);
        socket.end();
        const { value } = await records.next();
        expect(value).toMatchObject({ remoteIp4: LOOPBACK, remotePort: portOf(server), localPort: local });
        expect(value.bytesReceived).toBeGreaterThanOrEqual(12n);
        expect(value.bytesAcked).toBeGreaterThanOrEqual(5n);
        expect(value.durationNs).toBeGreaterThan(0n);
      }
      await records.return?.();
      expect(app.globals.lost).toBe(0n);
    });

    test("rtt keeps what it measured in the socket", async () => {
      using app = await loadExample<typeof import("../../programs/examples/rtt.bpf.js")>("rtt");
      using cgroup = makeCgroup();
      using server = await listen((socket) => socket.pipe(socket));
      using _link = app.programs.measure.attach({ cgroup: cgroup.path });
      using socket = await dial(server, cgroup);
      for (let n = 0; n < 5; n++) {
        socket.write("ping");
        await read(socket, 4);
      }
      const trips = app.maps.roundTrips.get(descriptorOf(socket));
      if (trips === undefined) throw new Error("nothing was measured");
      expect(trips.samples).toBeGreaterThan(0);
      expect(trips.longestUs).toBeGreaterThanOrEqual(trips.shortestUs);
    });

    test("message-guard refuses to send one method and lets others pass", async () => {
      using app =
        await loadExample<typeof import("../../programs/examples/message-guard.bpf.js")>("message-guard");
      using cgroup = makeCgroup();
      let received = "";
      using server = await listen((socket) =>
        socket.on("data", (chunk) => {
          received += String(chunk);
          socket.write("ok");
        }),
      );
      using _guard = app.programs.guard.attach({ map: app.maps.clients });
      using _enrol = app.programs.enrol.attach({ cgroup: cgroup.path });
      using polite = await dial(server, cgroup);
      polite.write("GET / HTTP/1.1\r\n\r\n");
      expect(await read(polite, 2)).toBe("ok");
      using rude = await dial(server, cgroup);
      const failed = once(rude, "error");
      rude.write("DELETE / HTTP/1.1\r\n\r\n");
      expect((await failed)[0]).toMatchObject({ code: "EACCES" });
      expect(app.globals.refused).toBe(1n);
      expect(received).toBe("GET / HTTP/1.1\r\n\r\n");
    });

    test("echo answers without its process", async () => {
      using cgroup = makeCgroup();
      let seen = 0;
      using server = await listen((socket) => socket.on("data", (chunk) => (seen += chunk.length)), cgroup);
      using app = await loadExample<typeof import("../../programs/examples/echo.bpf.js")>("echo", {
        port: portOf(server),
      });
      using _reply = app.programs.reply.attach({ map: app.maps.connections });
      using _enrol = app.programs.enrol.attach({ cgroup: cgroup.path });
      using socket = await dial(server);
      for (const word of ["hello", "kernel"]) {
        socket.write(word);
        expect(await read(socket, word.length)).toBe(word);
      }
      expect(seen).toBe(0);
    });
  },
  "clang",
  "ip",
);

/** Whether a TCP connection from the namespace is made within a second. */
async function reachable(netns: Netns, address: string, port: number): Promise<boolean> {
  const script = `const s = require("net").connect(${port}, "${address}"); s.on("connect", () => { s.destroy(); process.exit(0) });
    s.on("error", () => process.exit(1)); setTimeout(() => process.exit(1), 1000);`;
  const child = netns.spawn(process.execPath, ["-e", script], { stdio: "ignore" });
  const [code] = await once(child, "exit");
  return code === 0;
}
