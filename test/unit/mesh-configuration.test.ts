import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  covers,
  formatAddress,
  formatEndpoint,
  networkOf,
  parseAddress,
  parseEndpoint,
  parsePrefix,
} from "../../mesh/address.ts";
import { Cgroups } from "../../mesh/cgroups.ts";
import { Mesh, type MeshOptions } from "../../mesh/index.ts";
import { parseServices, type ServiceConfig } from "../../mesh/services.ts";
import { readSettings } from "../../mesh/settings.ts";

describe("addresses", () => {
  test.each([
    ["10.0.0.1", [0, 0, 0xffff, 0x0a000001]],
    ["::ffff:10.0.0.1", [0, 0, 0xffff, 0x0a000001]],
    ["255.255.255.255", [0, 0, 0xffff, 0xffffffff]],
    ["::", [0, 0, 0, 0]],
    ["::1", [0, 0, 0, 1]],
    ["2001:db8:1:2:3:4:5:6", [0x20010db8, 0x00010002, 0x00030004, 0x00050006]],
  ])("%s", (text, words) => {
    expect([...(parseAddress(text) ?? [])]).toEqual(words);
  });

  test.each(["", "10.0.0", "10.0.0.256", "::g", "1:2", "fe80::1%eth0", "localhost", " ::1"])(
    "`%s` is none",
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  test("what is written is read again", () => {
    const words = fc.array(fc.oneof(fc.constantFrom(0, 0xffff, 1), fc.nat(0xffffffff)), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(words, (address) => {
        expect([...(parseAddress(formatAddress(Uint32Array.from(address))) ?? [])]).toEqual(address);
      }),
      { seed: 2 },
    );
  });

  test.each(["10.0.0.1:80", "[::1]:65535", "[2001:db8::1]:1"])("endpoint %s", (text) => {
    const endpoint = parseEndpoint(text);
    expect(endpoint && formatEndpoint(endpoint)).toBe(text);
  });

  test.each([
    "10.0.0.1",
    "10.0.0.1:0",
    "10.0.0.1:65536",
    "::1:80",
    "[10.0.0.1]:80",
    "[::1]",
    "10.0.0.1:8x",
    ":80",
    "[]:80",
  ])("`%s` is no endpoint", (text) => expect(parseEndpoint(text)).toBeUndefined());

  test("prefixes cover", () => {
    const prefix = (text: string) => {
      const parsed = parsePrefix(text);
      if (parsed === undefined) throw new Error(text);
      return parsed;
    };
    expect(covers(prefix("any"), prefix("10.0.0.0/8"))).toBe(true);
    expect(covers(prefix("::/0"), prefix("10.0.0.0/8"))).toBe(true);
    expect(covers(prefix("0.0.0.0/0"), prefix("fd00::1"))).toBe(false);
    expect(covers(prefix("10.0.0.0/8"), prefix("10.255.0.1"))).toBe(true);
    expect(covers(prefix("10.255.0.1"), prefix("10.0.0.0/8"))).toBe(false);
    expect(formatAddress(networkOf({ ...prefix("10.255.3.4"), length: 96 + 9 }))).toBe("10.128.0.0");
  });
});

describe("services", () => {
  const good: ServiceConfig = { address: "10.96.0.1:80", backends: ["10.0.0.1:8080"] };
  const parse = (...services: object[]) =>
    parseServices(services as ServiceConfig[], { services: 3, backends: 4 });

  test("are read", () => {
    const [service] = parse({ ...good, pick: "round-robin" });
    expect(service).toMatchObject({ roundRobin: true, endpoint: { port: 80 }, backends: [{ port: 8080 }] });
    expect(parse(good)[0]?.roundRobin).toBe(false);
  });

  test.each<[string, string, object[]]>([
    ["TSB5001", "an address without a port", [{ ...good, address: "10.96.0.1" }]],
    ["TSB5001", "a backend that is a name", [{ ...good, backends: ["shop:80"] }]],
    ["TSB5001", "a backend that is no string", [{ ...good, backends: [80] }]],
    ["TSB5002", "a service given twice", [good, good]],
    [
      "TSB5002",
      "a service given twice in two spellings",
      [good, { ...good, address: "[::ffff:10.96.0.1]:80" }],
    ],
    ["TSB5003", "a backend of another family", [{ ...good, backends: ["[fd00::1]:80"] }]],
    ["TSB5004", "too many backends", [{ ...good, backends: Array(5).fill("10.0.0.1:1") }]],
    [
      "TSB5004",
      "too many services",
      [80, 81, 82, 83].map((port) => ({ address: `10.96.0.1:${port}`, backends: [] })),
    ],
    ["TSB5006", "a misspelt field", [{ ...good, backend: [] }]],
    ["TSB5006", "an unknown way to pick", [{ ...good, pick: "least" }]],
    ["TSB5006", "backends that are no list", [{ ...good, backends: "10.0.0.1:80" }]],
    ["TSB5006", "a service that is null", [null as never]],
  ])("%s: %s", (code, _what, services) => {
    expect(() => parse(...services)).toThrow(expect.objectContaining({ code }));
  });
});

describe("settings", () => {
  test("have defaults", () => {
    expect(readSettings()).toEqual({ enabled: true, budget: 262_144n, limit: 67_108_864n });
  });

  test.each([
    { budgt: 1 },
    { budget: -1 },
    { budget: 1.5 },
    { limit: Number.NaN },
    { limit: "1" },
    { enabled: 1 },
  ])("%j is refused", (options) => {
    expect(() => readSettings(options as never)).toThrow(expect.objectContaining({ code: "TSB5006" }));
  });

  test("options of a mesh are checked before anything is loaded", async () => {
    await expect(Mesh.load({ polices: [] } as MeshOptions)).rejects.toMatchObject({ code: "TSB5006" });
  });
});

describe("cgroups", () => {
  test.each(["", "relative", "/", "/proc", "/no/such/folder", "/sys/fs/cgroup/../cgroup/x"])(
    "`%s` is none",
    (path) => {
      expect(() => new Cgroups().idOf(path, "attach", "attach mesh")).toThrow(
        expect.objectContaining({ code: "TSB5005" }),
      );
    },
  );
});
