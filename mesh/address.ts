import { isIP, isIPv4 } from "node:net";

// Addresses as the data plane has them: four 32-bit words in host order, IPv4 in the v4-mapped form (RFC 4291, section 2.5.5.2).

export type Address = readonly [number, number, number, number];

export interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

export interface Prefix {
  readonly address: Address;
  /** 0 to 128; an IPv4 prefix has 96 more than it is written with. */
  readonly length: number;
}

const MAPPED = 0xffff;

/** `undefined` where the text is no IP address. A zone (`fe80::1%eth0`) is none: the data plane has no place for it. */
export function parseAddress(text: string): Address | undefined {
  if (text.includes("%") || isIP(text) === 0) return undefined;
  if (isIPv4(text)) return [0, 0, MAPPED, wordOfIpv4(text)];
  // The last four bytes may be written as IPv4.
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const [, head = "", ipv4 = ""] = tail ?? [];
  const low = tail === null ? 0 : wordOfIpv4(ipv4);
  const hex = tail === null ? text : `${head}${(low >>> 16).toString(16)}:${(low & 0xffff).toString(16)}`;
  const [left = "", right] = hex.split("::");
  const before = groups(left);
  const after = right === undefined ? [] : groups(right);
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  const word = (index: number) => (((all[index] ?? 0) << 16) | (all[index + 1] ?? 0)) >>> 0;
  return [word(0), word(2), word(4), word(6)];
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

function wordOfIpv4(text: string): number {
  return text.split(".").reduce((word, byte) => ((word << 8) | Number(byte)) >>> 0, 0);
}

export function isMapped(address: Address): boolean {
  return address[0] === 0 && address[1] === 0 && address[2] === MAPPED;
}

/** IPv4 dotted, IPv6 as RFC 5952 says. */
export function formatAddress(address: ArrayLike<number>): string {
  const words = Array.from(address, (word) => word >>> 0);
  const last = words[3] ?? 0;
  if (words[0] === 0 && words[1] === 0 && words[2] === MAPPED) {
    return [last >>> 24, (last >>> 16) & 255, (last >>> 8) & 255, last & 255].join(".");
  }
  const hex = words.flatMap((word) => [word >>> 16, word & 0xffff]).map((group) => group.toString(16));
  const zeros = longestZeros(hex);
  if (zeros.length < 2) return hex.join(":");
  const end = zeros.start + zeros.length;
  return `${hex.slice(0, zeros.start).join(":")}::${hex.slice(end).join(":")}`;
}

function longestZeros(hex: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < hex.length; start++) {
    let length = 0;
    while (hex[start + length] === "0") length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** `10.0.0.1:80` or `[::1]:80`. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  if (parts === null) return undefined;
  const [, ipv6, ipv4, digits] = parts;
  const address = parseAddress(ipv6 ?? ipv4 ?? "");
  const port = Number(digits);
  if (address === undefined || port < 1 || port > 65535) return undefined;
  if ((ipv6 !== undefined) === isIPv4(ipv6 ?? ipv4 ?? "")) return undefined;
  return { address, port };
}

export function formatEndpoint(endpoint: { address: ArrayLike<number>; port: number }): string {
  const text = formatAddress(endpoint.address);
  return text.includes(":") ? `[${text}]:${endpoint.port}` : `${text}:${endpoint.port}`;
}

/** An address, an address with a length, or `any`. Bits behind the length are kept: see {@link networkOf}. */
export function parsePrefix(text: string): Prefix | undefined {
  if (text === "any") return { address: [0, 0, 0, 0], length: 0 };
  const [host = "", digits, ...rest] = text.split("/");
  const address = parseAddress(host);
  if (address === undefined || rest.length > 0) return undefined;
  const offset = isIPv4(host) ? 96 : 0;
  if (digits === undefined) return { address, length: 128 };
  if (!/^\d{1,3}$/.test(digits) || Number(digits) > 128 - offset) return undefined;
  return { address, length: offset + Number(digits) };
}

/** The address with zeros behind the prefix's length. */
export function networkOf(prefix: Prefix): Address {
  const word = (index: number) => {
    const bits = Math.min(Math.max(prefix.length - index * 32, 0), 32);
    const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
    return ((prefix.address[index] ?? 0) & mask) >>> 0;
  };
  return [word(0), word(1), word(2), word(3)];
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.every((word, index) => word === b[index]);
}

/** Whether every address of `inner` is one of `outer`. */
export function covers(outer: Prefix, inner: Prefix): boolean {
  if (outer.length > inner.length) return false;
  return sameAddress(networkOf({ address: inner.address, length: outer.length }), networkOf(outer));
}
