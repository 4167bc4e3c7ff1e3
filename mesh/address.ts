import { isIP, isIPv4 } from "node:net";
import { formatIp4, formatIp6, ip4, ip6 } from "../runtime/index.ts";

/** As the data plane has it: four 32-bit words in host order, IPv4 in the v4-mapped form (RFC 4291, section 2.5.5.2). */
export type Address = Uint32Array;

export interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

export interface Prefix {
  readonly address: Address;
  /** 0 to 128; an IPv4 prefix has 96 more than it is written with. */
  readonly length: number;
}

/** `undefined` where the text is no IP address. A zone (`fe80::1%eth0`) is none: the data plane has no place for it. */
export function parseAddress(text: string): Address | undefined {
  if (text.includes("%") || isIP(text) === 0) return undefined;
  if (isIPv4(text)) return Uint32Array.of(0, 0, 0xffff, ip4(text));
  const bytes = new DataView(ip6(text).buffer);
  return Uint32Array.from([0, 4, 8, 12], (offset) => bytes.getUint32(offset));
}

export function isMapped(address: Address): boolean {
  return address[0] === 0 && address[1] === 0 && address[2] === 0xffff;
}

export function formatAddress(address: Address): string {
  if (isMapped(address)) return formatIp4(address[3] ?? 0);
  const bytes = new DataView(new ArrayBuffer(16));
  address.forEach((word, index) => {
    bytes.setUint32(index * 4, word);
  });
  return formatIp6(new Uint8Array(bytes.buffer));
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

export function formatEndpoint(endpoint: Endpoint): string {
  const text = formatAddress(endpoint.address);
  return text.includes(":") ? `[${text}]:${endpoint.port}` : `${text}:${endpoint.port}`;
}

/** An address, an address with a length, or `any`. Bits behind the length are kept: see {@link networkOf}. */
export function parsePrefix(text: string): Prefix | undefined {
  if (text === "any") return { address: new Uint32Array(4), length: 0 };
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
  return prefix.address.map((word, index) => {
    const bits = Math.min(Math.max(prefix.length - index * 32, 0), 32);
    return bits === 0 ? 0 : word & (0xffffffff << (32 - bits));
  });
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.every((word, index) => word === b[index]);
}

/** Whether every address of `inner` is one of `outer`. */
export function covers(outer: Prefix, inner: Prefix): boolean {
  if (outer.length > inner.length) return false;
  return sameAddress(networkOf({ address: inner.address, length: outer.length }), networkOf(outer));
}
