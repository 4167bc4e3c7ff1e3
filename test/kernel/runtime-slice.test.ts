import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { HashMap, loadObject, open } from "../../runtime/index.ts";
import { compileC, describeKernel, makeCgroup } from "../support/kernel.ts";

const source = `#include "bpf.h"
struct key { __u32 pid; __u16 family; };
struct stats { __u64 calls; __be16 port; _Bool seen; __u8 bytes[3]; char name[8]; };
struct {
  __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64);
  __type(key, __u32); __type(value, struct stats);
} calls SEC(".maps");
const volatile __u16 port = 0;
__u64 total = 0;
SEC("cgroup/connect4") int count(struct bpf_sock_addr *ctx) {
  __u32 key = bpf_get_current_pid_tgid() >> 32;
  struct stats fresh = { .calls = 1, .port = ctx->user_port, .seen = 1, .bytes = {1, 2, 3}, .name = "hello" };
  __sync_fetch_and_add(&total, 1);
  if (port && ctx->user_port != (__be16)__builtin_bswap16(port)) return 1;
  struct stats *found = bpf_map_lookup_elem(&calls, &key);
  if (found) __sync_fetch_and_add(&found->calls, 1);
  else bpf_map_update_elem(&calls, &key, &fresh, 0);
  return 1;
}`;

describeKernel(
  "open, load, attach, read",
  () => {
    test("counts connections of a cgroup", async () => {
      using cgroup = makeCgroup();
      const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as { port: number };
      const spec = open(compileC(source), { name: "slice.bpf.o" });
      spec.constants.port = port;
      spec.map("calls").maxEntries = 16;
      using app = loadObject(spec);
      const link = app.program("count").attach({ cgroup: cgroup.path });
      using _ = cgroup.enter();
      for (let index = 0; index < 3; index++) {
        const socket = connect(port, "127.0.0.1");
        await once(socket, "connect");
        socket.destroy();
      }
      server.close();
      const calls = app.map("calls") as HashMap<number, unknown>;
      expect(calls).toBeInstanceOf(HashMap);
      expect(calls.maxEntries).toBe(16);
      expect([...calls]).toEqual([
        [process.pid, { calls: 3n, port, seen: true, bytes: new Uint8Array([1, 2, 3]), name: "hello" }],
      ]);
      expect(app.globals.total).toBe(3n);
      expect(app.globals.port).toBe(port);
      app.globals.total = 9n;
      expect(app.globals.total).toBe(9n);
      link.close();
    });
  },
  "clang",
);
