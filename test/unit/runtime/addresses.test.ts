import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIp4, formatIp6, ip4, ip6 } from "../../../runtime/addresses.ts";
import { BpfError } from "../../../runtime/errors.ts";

test("IPv4 addresses there and back", () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      expect(formatIp4(ip4(text))).toBe(text);
    }),
  );
  expect(ip4("10.0.0.1")).toBe(0x0a000001);
  expect(ip4("255.255.255.255")).toBe(0xffffffff);
});

test("IPv6 addresses there and back, as RFC 5952 writes them", () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const bytes = ip6(text);
      const formatted = formatIp6(bytes);
      expect(isIPv6(formatted)).toBe(true);
      expect(ip6(formatted)).toEqual(bytes);
    }),
  );
  expect(formatIp6(ip6("2001:DB8:0:0:1:0:0:1"))).toBe("2001:db8::1:0:0:1");
  expect(formatIp6(ip6("::ffff:10.0.0.1"))).toBe("::ffff:a00:1");
  expect(formatIp6(new Uint8Array(16))).toBe("::");
  expect(formatIp6(ip6("1:2:3:4:5:6:0:8"))).toBe("1:2:3:4:5:6:0:8");
});

test("what is no address is an error with an example", () => {
  for (const text of ["", "10.0.0", "10.0.0.256", "10.0.0.1.2", "a.b.c.d", "1e1.0.0.1", " 10.0.0.1"]) {
    expect(isIPv4(text)).toBe(false);
    expect(() => ip4(text)).toThrow(BpfError);
  }
  for (const text of [
    "",
    ":",
    "1:2:3",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    "::1%eth0",
    ":::",
    "1:2:3:4:5:6:7:8::",
  ]) {
    expect(() => ip6(text), text).toThrow(BpfError);
  }
});
