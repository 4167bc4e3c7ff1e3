import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadObject, type ObjectSpec, open, VerifierError } from "../../runtime/index.ts";
import { compileC, describeKernel, makeTemporary } from "../support/kernel.ts";
import { leftSince, objectIds } from "../support/kernel-objects.ts";

const header = `#include "bpf.h"
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u64[4]); __uint(max_entries, 4); } m SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32); __type(value, __u64); __uint(max_entries, 4); __uint(map_flags, BPF_F_RDONLY_PROG); } fixed SEC(".maps");
`;

function refusal(spec: ObjectSpec): VerifierError {
  try {
    loadObject(spec).close();
  } catch (error) {
    if (error instanceof VerifierError) return error;
    throw error;
  }
  throw new Error("the verifier accepted it");
}

/** Body, expected code, the source line that is to blame. */
const refused: readonly (readonly [name: string, code: string, program: string, line: string])[] = [
  [
    "a value that may be null",
    "TSB2101",
    `SEC("tc") int p(struct __sk_buff *skb) {
  __u32 key = 1;
  __u64 *value = bpf_map_lookup_elem(&m, &key);
  return value[0];
}`,
    "return value[0];",
  ],
  [
    "an index beyond a map value",
    "TSB2102",
    `SEC("tc") int p(struct __sk_buff *skb) {
  __u32 key = 1;
  __u64 *value = bpf_map_lookup_elem(&m, &key);
  if (!value) return 0;
  value[skb->len] = 1;
  return 0;
}`,
    "value[skb->len] = 1;",
  ],
  [
    "a packet read without a check",
    "TSB2102",
    `SEC("tc") int p(struct __sk_buff *skb) {
  __u8 *data = (void *)(long)skb->data;
  return data[12];
}`,
    "return data[12];",
  ],
  [
    "a register that was never written",
    "TSB2103",
    `SEC("tc") int p(struct __sk_buff *skb) {
  __u32 key;
  asm volatile("%[k] = r7" : [k] "=r"(key));
  return key;
}`,
    'asm volatile("%[k] = r7" : [k] "=r"(key));',
  ],
  [
    "a reservation that is not given back",
    "TSB2104",
    `SEC("tc") int p(struct __sk_buff *skb) {
  __u64 *event = bpf_ringbuf_reserve(&events, 8, 0);
  if (!event) return 0;
  *event = 1;
  if (skb->len > 100) return 1;
  bpf_ringbuf_submit(event, 0);
  return 0;
}`,
    "}",
  ],
  [
    "a loop without an end",
    "TSB2109",
    `SEC("tc") int p(struct __sk_buff *skb) {
  while (1) asm volatile("" ::: "memory");
  return 0;
}`,
    'while (1) asm volatile("" ::: "memory");',
  ],
  [
    "a loop of too many branches",
    "TSB2105",
    `SEC("tc") int p(struct __sk_buff *skb) {
  __u32 sum = 0;
  for (__u32 i = 0; i < 100000; i++) if (bpf_ktime_get_ns() & 1) asm volatile("%[s] += 3" : [s] "+r"(sum));
  return sum;
}`,
    'for (__u32 i = 0; i < 100000; i++) if (bpf_ktime_get_ns() & 1) asm volatile("%[s] += 3" : [s] "+r"(sum));',
  ],
  [
    "a context field that this kind does not have",
    "TSB2106",
    `SEC("cgroup/connect4") int p(struct bpf_sock_addr *ctx) {
  return ctx->user_ip6[0] & 1;
}`,
    "return ctx->user_ip6[0] & 1;",
  ],
  [
    "a helper that this kind may not call",
    "TSB2107",
    `SEC("xdp") int p(struct xdp_md *ctx) {
  return bpf_get_current_pid_tgid() + bpf_sock_hash_update((void *)ctx, &m, ctx, 0);
}`,
    "return bpf_get_current_pid_tgid() + bpf_sock_hash_update((void *)ctx, &m, ctx, 0);",
  ],
  [
    "a number where a helper wants a pointer",
    "TSB2108",
    `SEC("tc") int p(struct __sk_buff *skb) {
  return bpf_map_delete_elem(&m, (void *)(long)skb->len);
}`,
    "return bpf_map_delete_elem(&m, (void *)(long)skb->len);",
  ],
  [
    "a return value that means nothing",
    "TSB2111",
    `SEC("cgroup/connect4") int p(struct bpf_sock_addr *ctx) {
  return 7;
}`,
    "return 7;",
  ],
  [
    "arithmetic on a pointer",
    "TSB2112",
    `SEC("tc") int p(struct __sk_buff *skb) {
  __u64 *data = (void *)((long)bpf_map_lookup_elem * 0 + (((long)skb) << 3));
  return *data;
}`,
    "__u64 *data = (void *)((long)bpf_map_lookup_elem * 0 + (((long)skb) << 3));",
  ],
  [
    "a write to a map that programs may only read",
    "TSB2113",
    `SEC("tc") int p(struct __sk_buff *skb) {
  __u32 key = 1;
  __u64 *value = bpf_map_lookup_elem(&fixed, &key);
  if (value) *value = 1;
  return 0;
}`,
    "if (value) *value = 1;",
  ],
];

describeKernel(
  "what the verifier refuses",
  () => {
    test.each(refused)("%s", async (_name, code, program, line) => {
      using folder = makeTemporary();
      const file = join(folder.path, "case.bpf.c");
      writeFileSync(file, `${header}${program}\n`);
      const maps = objectIds("map");
      const object = compileC(`${header}#line ${header.split("\n").length} "${file}"\n${program}\n`, {
        args: ["-Wno-error"],
      });
      const error = refusal(open(object, { name: "case.bpf.o" }));
      expect({
        code: error.code,
        complaint: error.complaint,
        log: error.code === code ? "" : error.log,
      }).toMatchObject({ code });
      expect(error.program).toBe("p");
      expect(error.errno).toBeGreaterThan(0);
      expect(error.source?.file).toBe(file);
      expect(error.source?.text.trim()).toBe(line);
      // The file is there, so the diagnostic points into it.
      const span = error.diagnostic.span;
      const text = `${header}${program}\n`;
      expect(span?.file).toBe(file);
      expect(error.sources.get(file)).toBe(text);
      expect(text.slice(span?.start, span?.end)).not.toBe("");
      expect(line).toContain(text.slice(span?.start, span?.end).trim());
      expect(error.log.length).toBeGreaterThan(error.complaint.length);
      expect(error.omitted).toBeGreaterThan(0);
      expect(error.message).toMatch(/^load program p: /);
      expect(await leftSince("map", maps)).toEqual([]);
    });

    test("in a function beside the program the line is found by what the log shows", () => {
      const source = `${header}
static __attribute__((noinline)) int helper(struct __sk_buff *skb, __u32 key) {
  __u64 *value = bpf_map_lookup_elem(&m, &key);
  asm volatile("" : "+r"(value));
  return value[0] + skb->len;
}
SEC("tc") int p(struct __sk_buff *skb) {
  return helper(skb, 1) + helper(skb, 2);
}`;
      using folder = makeTemporary();
      const file = join(folder.path, "case.bpf.c");
      writeFileSync(file, source);
      const error = refusal(open(compileC(`#line 1 "${file}"\n${source}`)));
      expect(error.code).toBe("TSB2101");
      expect(error.source?.text.trim()).toBe("return value[0] + skb->len;");
      expect(error.source?.column).toBeGreaterThan(0);
    });

    test("only one of two programs is refused, and that one is named", () => {
      const source = `${header}
SEC("tc") int good(struct __sk_buff *skb) { return 0; }
SEC("tc") int bad(struct __sk_buff *skb) { __u8 *data = (void *)(long)skb->data; return data[12]; }`;
      const spec = open(compileC(source));
      expect(refusal(spec).program).toBe("bad");
      spec.program("bad").load = false;
      using app = loadObject(spec);
      expect(Object.keys(app.programs)).toEqual(["good"]);
    });
  },
  "clang",
);
