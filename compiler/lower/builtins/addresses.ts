/** A dotted address as the number it is in host order; undefined where it is none. */
export function parseIp4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

/** An IPv6 address (RFC 4291, section 2.2) as four 32-bit words in host order. */
export function parseIp6(text: string): readonly bigint[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => groups(half));
  if (!head) return undefined;
  let all = head;
  if (halves.length === 2) {
    if (!tail || head.length + tail.length > 7) return undefined;
    all = [...head, ...new Array<bigint>(8 - head.length - tail.length).fill(0n), ...tail];
  }
  if (all.length !== 8) return undefined;
  return [0, 2, 4, 6].map((at) => ((all[at] as bigint) << 16n) | (all[at + 1] as bigint));
}

/** 16-bit groups; the last two may be written as an IPv4 address. */
function groups(text: string): bigint[] | undefined {
  if (text === "") return [];
  const found: bigint[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    if (part.includes(".") && at === parts.length - 1) {
      const value = parseIp4(part);
      if (value === undefined) return undefined;
      found.push(value >> 16n, value & 0xffffn);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      found.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return found;
}
