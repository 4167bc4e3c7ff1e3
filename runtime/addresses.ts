import { invalidOption } from "../compiler/diagnostics/load.ts";
import { BpfError } from "./errors.ts";

// Addresses as maps hold them: IPv4 as a number in host order, IPv6 as 16 bytes.

/**
 * `ip4("10.0.0.1")` is `0x0a000001`: what a `be32` is in user space.
 *
 * @throws {BpfError} TSB4023 for what is no IPv4 address.
 */
export function ip4(text: string): number {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) throw notAnAddress(text, "IPv4", "10.0.0.1");
  return parts.reduce((address, part) => address * 256 + part, 0);
}

/** `formatIp4(0x0a000001)` is `10.0.0.1`. */
export function formatIp4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/**
 * The 16 bytes of an IPv6 address, without a zone.
 *
 * @throws {BpfError} TSB4023 for what is no IPv6 address.
 */
export function ip6(text: string): Uint8Array {
  const fail = () => notAnAddress(text, "IPv6", "2001:db8::1");
  // A last part in dots is two groups.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const plain = dotted === null ? text : dotted[1] + dottedGroups(dotted[2] ?? "");
  const halves = plain.split("::");
  if (halves.length > 2) throw fail();
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const groups = head ?? [];
  if (tail !== undefined) {
    const gap = 8 - groups.length - tail.length;
    if (gap < 1) throw fail();
    groups.push(...Array.from({ length: gap }, () => "0"), ...tail);
  }
  if (groups.length !== 8 || groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) throw fail();
  const bytes = new Uint8Array(16);
  groups.forEach((group, index) => {
    const value = Number.parseInt(group, 16);
    bytes.set([value >> 8, value & 255], index * 2);
  });
  return bytes;
}

function dottedGroups(text: string): string {
  const address = ip4(text);
  return `${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}`;
}

/** The text form of RFC 5952: lower case, the longest run of zero groups as `::`. */
export function formatIp6(address: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((address[index * 2] ?? 0) << 8) | (address[index * 2 + 1] ?? 0),
  );
  let [best, length] = [0, 0];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > length) [best, length] = [start, end - start];
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + length))}`;
}

function notAnAddress(text: string, family: string, example: string): BpfError {
  return new BpfError(
    "read address",
    invalidOption(undefined, text, `is not an ${family} address`, `write it like ${example}`),
  );
}
