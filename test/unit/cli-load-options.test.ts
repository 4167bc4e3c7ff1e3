import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatTarget, parseAttach } from "../../cli/load/attach-option.ts";
import { parseSet, parseValue } from "../../cli/load/set-option.ts";
import { UsageError } from "../../cli/usage-error.ts";

describe("--attach", () => {
  test.each([
    ["count=cgroup:/sys/fs/cgroup/a b=c:d", { kind: "cgroup", path: "/sys/fs/cgroup/a b=c:d" }],
    ["redirect=sockmap:sockets", { kind: "sockmap", map: "sockets" }],
    ["drop=xdp:eth0", { kind: "xdp", device: "eth0" }],
    ["mark=tc:eth0/egress", { kind: "tc", device: "eth0", direction: "egress" }],
    ["look=netns:/run/netns/a", { kind: "netns", path: "/run/netns/a" }],
  ])("%s", (text, target) => {
    const option = parseAttach(text);
    expect(option.target).toEqual(target);
    expect(`${option.program}=${formatTarget(option.target)}`).toBe(text);
  });

  test.each([
    "count",
    "count=",
    "count=cgroup",
    "=cgroup:/x",
    "count=cgroup:",
    "count=kprobe:f",
    "c=tc:eth0",
    "c=tc:/ingress",
    "c=tc:eth0/both",
  ])("%s is refused", (text) => {
    expect(() => parseAttach(text)).toThrow(UsageError);
  });
});

describe("--set", () => {
  const value = (text: string, current: unknown): unknown => parseValue(parseSet(`x=${text}`), current);

  test("by the kind of what is there", () => {
    expect(value("8080", 0)).toBe(8080);
    expect(value("0x1f_90", 0)).toBe(8080);
    expect(value("-1", 0)).toBe(-1);
    expect(value("10.0.0.1", 0)).toBe(0x0a000001);
    expect(value("255.255.255.255", 0)).toBe(0xffffffff);
    expect(value("18446744073709551615", 0n)).toBe(2n ** 64n - 1n);
    expect(value("1n", 0n)).toBe(1n);
    expect(value("true", false)).toBe(true);
    expect(value("a=b", "")).toBe("a=b");
  });

  test("structs and arrays as JSON, with 64 bits kept", () => {
    const current = {
      port: 0,
      limit: 0n,
      inner: { big: 0n },
      list: [0n],
      ip: 0,
      wide: new BigUint64Array(2),
    };
    const text =
      '{"port": 1, "limit": "18446744073709551615", "inner": {"big": 2}, "list": [3], "ip": "10.0.0.1", "wide": [1, "2"]}';
    expect(value(text, current)).toEqual({
      port: 1,
      limit: 2n ** 64n - 1n,
      inner: { big: 2n },
      list: [3n],
      ip: 0x0a000001,
      wide: [1n, 2n],
    });
    expect(value("[1, 2]", new Uint8Array(2))).toEqual([1, 2]);
  });

  test("what is no value is refused", () => {
    for (const text of ["", "eighty", "1.5", "0x", "256.0.0.1", "1e3"])
      expect(() => value(text, 0), text).toThrow(UsageError);
    expect(() => value("yes", true)).toThrow(UsageError);
    expect(() => value("{", {})).toThrow(UsageError);
    expect(() => parseSet("x")).toThrow(UsageError);
    expect(() => parseSet("=1")).toThrow(UsageError);
  });

  test("every 64-bit integer survives the way through text", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (n) => value(String(n), 0n) === n),
    );
  });

  test("a field named __proto__ is a field", () => {
    expect(Object.hasOwn(value('{"__proto__": 1}', { a: 1 }) as object, "__proto__")).toBe(true);
  });
});
