// `tsbpf/stdlib/net` in the kernel, on packets made here.

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Collection, load } from "../../runtime/index.ts";
import { XdpAction } from "../../stdlib/index.js";
import { describeKernel } from "../support/kernel.ts";

type Module = typeof import("./fixtures/net.bpf.js");

const file = fileURLToPath(new URL("fixtures/net.bpf.ts", import.meta.url));

function hex(...parts: string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(parts.join("").replace(/\s/g, ""), "hex"));
}

const addresses = "020000000001 020000000002";

describeKernel(
  "net",
  () => {
    let app: Collection<Module>;
    beforeAll(async () => {
      app = await load<Module>(file);
    });
    afterAll(() => app.close());

    /** Runs on one packet, padded to what a frame has at least. */
    function inspect(packet: Uint8Array) {
      const data = new Uint8Array(Math.max(64, packet.length));
      data.set(packet);
      app.maps.answers.set(0, { ...blank(), source6: new Uint32Array(4) });
      const { result } = app.programs.inspect.run({ data });
      const answer = app.maps.answers.get(0);
      if (answer === undefined) throw new Error("no answer");
      return { result, answer };
    }

    test("a SYN with IP options", () => {
      const { result, answer } = inspect(
        hex(
          addresses,
          "0800",
          "46 00 002c 0001 4000 40 06 0000 0a010203 e0000001 01010100",
          "1f90 0050 00000001 00000000 50 02 ffff 0000 0000",
        ),
      );
      expect(result).toBe(XdpAction.TX);
      expect(answer).toMatchObject({
        ipHeaderLength: 24,
        tcpHeaderLength: 20,
        sourcePort: 8080,
        destinationPort: 80,
        source4: 0x0a010203,
        protocol: 0x0800,
        synOnly: true,
        synAck: false,
        fragment: false,
        loopback: false,
        privateSource: true,
        multicast: true,
      });
      expect(app.maps.bytes.get(0)).toBe(44n);
    });

    test("a SYN with ACK and TCP options, from loopback", () => {
      const { answer } = inspect(
        hex(
          addresses,
          "0800",
          "45 00 0030 0001 4000 40 06 0000 7f000001 7f000002",
          "0050 1f90 00000001 00000002 70 12 ffff 0000 0000",
        ),
      );
      expect(answer).toMatchObject({
        ipHeaderLength: 20,
        tcpHeaderLength: 28,
        synOnly: false,
        synAck: true,
        loopback: true,
      });
      expect(answer).toMatchObject({ privateSource: false, multicast: false });
    });

    test("a later fragment, and one that is not", () => {
      const udp = (fragment: string) =>
        hex(addresses, "0800", `45 00 0030 0001 ${fragment} 40 11 0000 ac100001 ac200001`);
      expect(inspect(udp("2001")).answer).toMatchObject({ fragment: true, privateSource: true });
      expect(inspect(udp("2000")).answer).toMatchObject({ fragment: false });
      expect(inspect(udp("4000")).answer).toMatchObject({ fragment: false });
    });

    test.each([
      ["ac100000", true],
      ["ac1fffff", true],
      ["ac200000", false],
      ["c0a80101", true],
      ["c0a90101", false],
      ["0affffff", true],
      ["0b000000", false],
    ])("%s is private: %s", (source, expected) => {
      const { answer } = inspect(
        hex(addresses, "0800", `45 00 0030 0001 0000 40 11 0000 ${source} 08080808`),
      );
      expect(answer.privateSource).toBe(expected);
    });

    test("IPv6: loopback, mapped, neither", () => {
      const from = (source: string) =>
        hex(addresses, "86dd", "60000000 0000 3b 40", source, "00000000000000000000000000000002");
      expect(inspect(from("00000000000000000000000000000001")).answer).toMatchObject({
        loopback: true,
        mapped: false,
      });
      expect(inspect(from("00000000000000000000ffff0a010203")).answer).toMatchObject({
        loopback: false,
        mapped: true,
        source4: 0x0a010203,
        source6: Uint32Array.of(0, 0, 0xffff, 0x0a010203),
      });
      expect(inspect(from("20010db8000000000000000000000001")).answer).toMatchObject({
        loopback: false,
        mapped: false,
      });
    });

    test("a frame that ends before its headers", () => {
      const short = hex(addresses, "0800", "4500");
      const { result } = app.programs.inspect.run({ data: short });
      expect(result).toBe(XdpAction.DROP);
    });
  },
  "clang",
);

function blank() {
  const numbers = {
    ipHeaderLength: 0,
    tcpHeaderLength: 0,
    sourcePort: 0,
    destinationPort: 0,
    source4: 0,
    protocol: 0,
  };
  const facts = {
    synOnly: false,
    synAck: false,
    fragment: false,
    loopback: false,
    privateSource: false,
    multicast: false,
    mapped: false,
  };
  return { ...numbers, ...facts };
}
