// Real TCP connections over loopback, between sockets of chosen cgroups. Independent of the test runner.

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Cgroup } from "./cgroup.ts";

/** A TCP server on loopback whose sockets belong to `cgroup`, or to the test's. */
export async function listen(
  onConnection: (socket: Socket) => void,
  cgroup?: Cgroup,
  host = "127.0.0.1",
): Promise<Server & Disposable> {
  using _ = cgroup?.enter() ?? null;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.listen(0, host);
  await once(server, "listening");
  return Object.assign(server, {
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Connects a socket that belongs to `cgroup`; rejects with what connect(2) answered. */
export async function dial(server: Server, cgroup?: Cgroup): Promise<Socket & Disposable> {
  using _ = cgroup?.enter() ?? null;
  const socket = connect(portOf(server), "127.0.0.1");
  await once(socket, "connect");
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() });
}

/** What arrives until there are `length` bytes. */
export async function read(socket: Socket, length: number): Promise<string> {
  let text = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.length >= length) break;
  }
  return text;
}

/** The socket's file descriptor, which Node does not document. */
export function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  if (typeof fd !== "number" || fd < 0) throw new Error("the socket has no descriptor");
  return fd;
}
