// Refuses HTTP DELETE requests that processes of a cgroup send. Shows a program on the messages of sockets, and a reference into a message.
//
//   tsbpf load programs/examples/message-guard.bpf.ts \
//     --attach enrol=cgroup:/sys/fs/cgroup/demo --attach guard=sockmap:clients
//
// The sender gets EACCES. It guards against accidents only: a request split over several messages passes.

import { type FixedArray, SkAction, SockHash, SockOp, skMsg, sockOps, type u8, type u64 } from "tsbpf/stdlib";

/** The connections that processes of the cgroup have opened, by the socket's cookie. */
export const clients = new SockHash<u64>({ maxEntries: 4096 });

/** Requests that were refused. */
export let refused: u64 = 0n;

interface Method {
  text: FixedArray<u8, 7>;
}

export const enrol = sockOps((ctx) => {
  if (ctx.op === SockOp.ACTIVE_ESTABLISHED_CB) ctx.sockHashUpdate(clients, ctx.socketCookie());
});

/** `DELETE `, byte by byte. */
function isDelete(method: Method): boolean {
  const text = method.text;
  return (
    text[0] === 0x44 &&
    text[1] === 0x45 &&
    text[2] === 0x4c &&
    text[3] === 0x45 &&
    text[4] === 0x54 &&
    text[5] === 0x45 &&
    text[6] === 0x20
  );
}

export const guard = skMsg((message) => {
  const method = message.data<Method>(0);
  if (!method || !isDelete(method)) return SkAction.PASS;
  refused += 1n;
  return SkAction.DROP;
});
