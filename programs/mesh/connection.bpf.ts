import { LruHashMap, SkStorage, type u32, type u64 } from "tsbpf/stdlib";
import type { Endpoint } from "./endpoint.bpf.ts";

export enum Role {
  CLIENT,
  SERVER,
}

/**
 * What both ends of a TCP connection know and nobody else: the 4-tuple and the sequence number of the client's SYN. The number tells the
 * connection from an earlier one, from one of the same 4-tuple in another network namespace, and from a forged SYN.
 */
export interface ConnectionKey {
  client: Endpoint;
  server: Endpoint;
  sequence: u32;
}

export interface End {
  /** The workload that the end belongs to; see `identity.bpf.ts`. */
  workload: u64;
  /** Bytes that the end has redirected since the other one last wrote. */
  outstanding: u64;
  /** Bytes that the end has redirected in all. */
  redirected: u64;
}

/** A connection from a socket of the mesh, from its SYN on. */
export interface Connection {
  /** The client's socket cookie. */
  cookie: u64;
  client: End;
  server: End;
  /** Two sockets claim it: it is nobody's. */
  ambiguous: boolean;
  /** A SYN carried data (TCP Fast Open): it is queued before the ends can be enrolled, and a redirect would overtake it. */
  early: boolean;
  /** Both ends are in the mesh on this machine, and neither opted out of the shortcut. Set when the SYN arrives. */
  local: boolean;
}

/** Evicting an old connection costs it the shortcut and no more: `shortcut` goes on over TCP. */
export const connections = new LruHashMap<ConnectionKey, Connection>({ maxEntries: 16384 });

/** How a half sends. It goes one way only: what is underway over TCP could be overtaken by a redirect, never the other way round. */
export enum Path {
  UNDECIDED,
  REDIRECT,
  TCP,
}

/** What a socket of the mesh knows of its connection. */
export interface Half {
  key: ConnectionKey;
  /** The sequence number of the server's first byte: the secret of the handshake's other half. */
  serverSequence: u32;
  role: Role;
  path: Path;
  established: boolean;
  /** It can be reached by a redirect. */
  enrolled: boolean;
  /** SO_RCVLOWAT was set. */
  lowWater: boolean;
  /** Where the payload that was counted ends, by sequence number. */
  sentEnd: u32;
  receivedEnd: u32;
  /** The stream has ended in that direction. A FIN takes a sequence number, so that later segments seem to be a byte further. */
  sentAll: boolean;
  receivedAll: boolean;
  workload: u64;
}

/** A listener's half holds its workload alone, and the sockets it accepts inherit it. */
export const halves = new SkStorage<Half>({ clone: true });
