import {
  type be16,
  type be32,
  type CgroupSkbContext,
  type FixedArray,
  IpProtocol,
  ntohl,
  ntohs,
  type u8,
  type u32,
} from "tsbpf/stdlib";
import { type Endpoint, mapped } from "./endpoint.bpf.ts";

interface Ipv4Header {
  versionAndLength: u8;
  typeOfService: u8;
  totalLength: be16;
  identification: be16;
  fragment: be16;
  timeToLive: u8;
  protocol: u8;
  checksum: be16;
  source: be32;
  destination: be32;
}

interface Ipv6Header {
  versionClassFlow: be32;
  payloadLength: be16;
  nextHeader: u8;
  hopLimit: u8;
  source: FixedArray<be32, 4>;
  destination: FixedArray<be32, 4>;
}

interface TcpHeader {
  source: be16;
  destination: be16;
  sequence: be32;
  acknowledgement: be32;
  dataOffset: u8;
  flags: u8;
  window: be16;
  checksum: be16;
  urgent: be16;
}

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

export interface Segment {
  source: Endpoint;
  destination: Endpoint;
  sequence: u32;
  /** Bytes of payload. The kernel hands over aggregated segments: up to 64 KiB and more. */
  length: u32;
  /** It is the SYN of a client. */
  opens: boolean;
  /** Nothing of the stream comes after it. */
  ends: boolean;
}

/** Reads the headers of a TCP socket's packet. False where they are not plain to see, such as behind IPv6 extension headers. */
export function readSegment(skb: CgroupSkbContext, segment: Segment): boolean {
  const version = skb.header<{ versionAndLength: u8 }>(0);
  if (!version) return false;
  let offset: u32 = 40;
  if (version.versionAndLength >> 4 === 6) {
    const ip = skb.header<Ipv6Header>(0);
    if (!ip || ip.nextHeader !== IpProtocol.TCP) return false;
    segment.source.address = ip.source;
    segment.destination.address = ip.destination;
  } else {
    const ip = skb.header<Ipv4Header>(0);
    if (!ip || ip.protocol !== IpProtocol.TCP) return false;
    offset = (ip.versionAndLength & 15) * 4;
    segment.source = mapped(ip.source, 0);
    segment.destination = mapped(ip.destination, 0);
  }
  const tcp = skb.header<TcpHeader>(offset);
  if (!tcp) return false;
  segment.source.port = ntohs(tcp.source);
  segment.destination.port = ntohs(tcp.destination);
  segment.sequence = ntohl(tcp.sequence);
  segment.opens = (tcp.flags & (SYN | ACK)) === SYN;
  segment.ends = (tcp.flags & (FIN | RST)) !== 0;
  const headers = offset + (tcp.dataOffset >> 4) * 4;
  segment.length = skb.len > headers ? skb.len - headers : 0;
  return true;
}
