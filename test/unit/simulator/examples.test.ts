import { describe, expect, test } from "vitest";
import { ip4, SimulatedSocket, simulate } from "../../../simulator/index.ts";
import { SkAction, SkbEgressAction, SockOp, TcpState, XdpAction } from "../../../stdlib/index.js";

const example = (name: string) => `programs/examples/${name}.bpf.ts`;

/** An Ethernet frame with an IPv4 header from `source`, and the ports of TCP. */
function frame(source: number, port = 0): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint8(23, 6);
  view.setUint32(26, source);
  view.setUint16(36, port);
  return bytes;
}

describe("examples in the simulator", () => {
  test("firewall decides by the longest prefix", () => {
    const app = simulate<typeof import("../../../programs/examples/firewall.bpf.js")>(example("firewall"));
    const { rules } = app.maps;
    rules.set({ prefixlen: 8, address: ip4("10.0.0.0") }, { deny: true, packets: 0n });
    rules.set({ prefixlen: 32, address: ip4("10.0.0.9") }, { deny: false, packets: 5n });
    const run = (source: string) => app.programs.filter.run({ packet: frame(ip4(source)) }).returnValue;
    expect(run("10.1.2.3")).toBe(XdpAction.DROP);
    expect(run("10.0.0.9")).toBe(XdpAction.PASS);
    expect(run("192.0.2.1")).toBe(XdpAction.PASS);
    expect(app.programs.filter.run({ packet: new Uint8Array(10) }).returnValue).toBe(XdpAction.PASS);
    expect([...rules.values()]).toEqual([
      { deny: true, packets: 1n },
      { deny: false, packets: 6n },
    ]);
  });

  test("packet-sizes counts on the CPU that it runs on", () => {
    const app = simulate<typeof import("../../../programs/examples/packet-sizes.bpf.js")>(
      example("packet-sizes"),
      { cpus: 3 },
    );
    expect(app.programs.ingress.run({ packet: new Uint8Array(100) }).returnValue).toBe(1);
    app.machine.cpu = 2;
    expect(app.programs.egress.run({ packet: new Uint8Array(5) }).returnValue).toBe(SkbEgressAction.PASS);
    app.programs.egress.run({ len: 4_000_000_000 });
    const [incoming, outgoing] = [app.maps.sizes.get(0), app.maps.sizes.get(1)];
    expect(incoming?.map((one) => one.packets)).toEqual([1n, 0n, 0n]);
    expect(incoming?.[0]?.slots[6]).toBe(1n);
    expect(outgoing?.[2]).toMatchObject({ packets: 2n, bytes: 4_000_000_005n });
    expect(outgoing?.[2]?.slots[2]).toBe(1n);
    expect(outgoing?.[2]?.slots[17]).toBe(1n);
  });

  test("connection-log keeps the start in the socket and reports the end", () => {
    const app = simulate<typeof import("../../../programs/examples/connection-log.bpf.js")>(
      example("connection-log"),
    );
    const socket = new SimulatedSocket();
    const connection = { family: 2, remoteIp4: ip4("192.0.2.7"), remotePort: 443, localPort: 50000, socket };
    app.machine.timeNs = 1000n;
    const { effects } = app.programs.log.run({ ...connection, op: SockOp.ACTIVE_ESTABLISHED_CB });
    expect(effects).toEqual([{ kind: "callbacks", flags: 4 }]);
    app.machine.timeNs = 1700n;
    const end = { ...connection, op: SockOp.STATE_CB, newState: TcpState.CLOSE, bytesAcked: 9n };
    app.programs.log.run(end);
    expect(app.maps.closed.drain()).toEqual([
      {
        remoteIp4: ip4("192.0.2.7"),
        remotePort: 443,
        localPort: 50000,
        durationNs: 700n,
        bytesReceived: 0n,
        bytesAcked: 9n,
      },
    ]);
    expect(app.globals.lost).toBe(0n);
  });

  test("echo puts connections into the map and sends back by it; what it logs is in words", () => {
    const app = simulate<typeof import("../../../programs/examples/echo.bpf.js")>(example("echo"), {
      constants: { port: 7007 },
      maps: { connections: { maxEntries: 1 } },
    });
    const socket = new SimulatedSocket();
    const peer = { remoteIp4: ip4("10.0.0.2"), remotePort: 1234 };
    const enrol = { op: SockOp.PASSIVE_ESTABLISHED_CB, localPort: 7007, socket };
    app.programs.enrol.run({ ...enrol, ...peer });
    expect([...app.maps.connections.keys()]).toEqual([{ address: ip4("10.0.0.2"), port: 1234 }]);
    const { returnValue, effects } = app.programs.reply.run(peer);
    expect(returnValue).toBe(SkAction.PASS);
    expect(effects).toEqual([{ kind: "redirect", socket, flags: 0n }]);
    expect(app.programs.reply.run({ remoteIp4: 1 })).toMatchObject({
      returnValue: SkAction.DROP,
      effects: [],
    });
    app.programs.enrol.run({ ...enrol, remoteIp4: ip4("10.0.0.3"), remotePort: 1 });
    expect(app.log.drain()).toMatchObject([
      { level: "warn", text: "connection with 10.0.0.3 is not echoed: -7", file: example("echo") },
    ]);
    expect(() => {
      app.globals.port = 1;
    }).toThrow(expect.objectContaining({ code: "TSB4024" }));
  });
});

describe("the mesh's policy in the simulator", () => {
  test("decide: a denial wins, the longest prefix counts, and refusals are reported", () => {
    const app = simulate<typeof import("../../../programs/mesh/mesh.bpf.js")>("programs/mesh/mesh.bpf.ts", {
      cgroupIds: [1n, 77n],
      timeNs: 5n,
    });
    const { rules, policyState, denials, denialCounts } = app.maps;
    policyState.set(0, { generation: 3 });
    const key = (address: string, bits: number, source: bigint, port: number) => ({
      prefixlen: 160 + 96 + bits,
      generation: 3,
      source,
      protocol: 6,
      port,
      address: new Uint32Array([0, 0, 0xffff, ip4(address)]),
    });
    const any = 0xffffffffffffffffn;
    rules.set(key("10.0.0.0", 8, any, 80), { action: 1, id: 1 });
    rules.set(key("10.9.0.0", 16, any, 80), { action: 0, id: 2 });
    const connect = (address: string, port: number) =>
      app.programs.connect4.run({
        userFamily: 2,
        type: 1,
        protocol: 6,
        userIp4: ip4(address),
        userPort: port,
      });
    expect(connect("10.1.2.3", 80).returnValue).toBe(1);
    const denied = connect("10.9.2.3", 80);
    expect(denied.returnValue).toBe(0);
    expect(denied.effects).toContainEqual({ kind: "retval", value: -13 });
    expect(connect("10.1.2.3", 81).returnValue).toBe(0);
    expect(denials.drain().map(({ rule, timeNs }) => [rule, timeNs])).toEqual([
      [2, 5n],
      [0, 5n],
    ]);
    expect([...denialCounts.values()]).toEqual([1n, 1n]);
  });
});
