import {
  type CgroupSkbContext,
  cgroup,
  IpProtocol,
  MapUpdate,
  SkbEgressAction,
  type Socket,
  SocketType,
  TcpState,
  zero,
} from "tsbpf/stdlib";
import { type Connection, type ConnectionKey, connections, halves, Path, Role } from "./connection.bpf.ts";
import { shortcutAllowed, UNKNOWN, workloadOf } from "./identity.bpf.ts";
import { countReceived, countSent } from "./metrics.bpf.ts";
import { Direction, permits, policySettings, Reason, report } from "./policy.bpf.ts";
import { readSegment, type Segment } from "./segment.bpf.ts";

/** The packet's socket where it is TCP's own: a raw socket may see TCP's packets as well. */
function tcpSocket(skb: CgroupSkbContext): Socket | undefined {
  const socket = skb.sk?.fullSock();
  if (!socket || socket.protocol !== IpProtocol.TCP || socket.type !== SocketType.STREAM) return undefined;
  return socket;
}

/** Puts a connection on record before its SYN leaves, with the workload of the socket that sends it. */
function introduce(skb: CgroupSkbContext, socket: Socket, segment: Segment): void {
  if (socket.state !== TcpState.SYN_SENT) return;
  const half = halves.getOrCreate(socket);
  if (!half) return;
  half.role = Role.CLIENT;
  half.path = Path.UNDECIDED;
  half.established = false;
  half.enrolled = false;
  half.sentAll = false;
  half.receivedAll = false;
  half.workload = workloadOf(skb);
  half.key = { client: segment.source, server: segment.destination, sequence: segment.sequence };

  const cookie = skb.socketCookie();
  const connection = zero<Connection>();
  connection.cookie = cookie;
  connection.client.workload = half.workload;
  connection.early = segment.length > 0;
  if (connections.set(half.key, connection, MapUpdate.NOEXIST) === 0) return;
  // There already: a retransmission, or another socket with the same 4-tuple and the same number.
  const known = connections.get(half.key);
  if (!known) return;
  if (known.cookie !== cookie) known.ambiguous = true;
  if (segment.length > 0) known.early = true;
}

/** Whether a SYN may reach the listener, and what the connection will be known by. */
function admit(skb: CgroupSkbContext, listener: Socket, segment: Segment): boolean {
  const key: ConnectionKey = {
    client: segment.source,
    server: segment.destination,
    sequence: segment.sequence,
  };
  const connection = connections.get(key);
  const source = connection && !connection.ambiguous ? connection.client.workload : UNKNOWN;
  if (!permits(source, segment.source, segment.destination, Direction.INGRESS)) return false;

  const workload = workloadOf(skb);
  const half = halves.getOrCreate(listener);
  if (half) half.workload = workload;
  if (connection) {
    connection.server.workload = workload;
    connection.local = shortcutAllowed(source) && shortcutAllowed(workload);
  }
  return true;
}

export const egress = cgroup.skbEgress((skb) => {
  const socket = tcpSocket(skb);
  if (!socket) return SkbEgressAction.PASS;
  const segment = zero<Segment>();
  if (!readSegment(skb, segment)) return SkbEgressAction.PASS;
  if (segment.opens) introduce(skb, socket, segment);
  else countSent(socket, segment);
  return SkbEgressAction.PASS;
});

export const ingress = cgroup.skbIngress((skb) => {
  const socket = tcpSocket(skb);
  if (!socket) return true;
  const segment = zero<Segment>();
  if (!readSegment(skb, segment)) {
    if (!policySettings.enforce) return true;
    report(segment.source, segment.destination, {
      source: UNKNOWN,
      direction: Direction.INGRESS,
      reason: Reason.UNREADABLE,
      rule: 0,
    });
    return false;
  }
  if (segment.opens) return admit(skb, socket, segment);
  countReceived(socket, segment);
  return true;
});
