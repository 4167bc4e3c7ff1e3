import { describe, expect, test } from "vitest";
import { classify, readVerifierLog } from "../../../runtime/verifier-log.ts";

// Logs as kernels of several versions print them.

const nullAccess618 = `0: R1=ctx() R10=fp0
; int p(struct __sk_buff *skb) @ flows.bpf.ts:3
0: (b7) r1 = 1                        ; R1_w=1
1: (63) *(u32 *)(r10 -4) = r1         ; R1_w=1 R10=fp0 fp-8=1????
; const value = m.get(1); @ flows.bpf.ts:5
2: (bf) r2 = r10                      ; R2_w=fp0 R10=fp0
3: (85) call bpf_map_lookup_elem#1    ; R0_w=map_value_or_null(id=1,map=m,ks=4,vs=32)
; return value.count; @ flows.bpf.ts:6
4: (79) r0 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
verification time 54 usec
stack depth 4
processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

const nullAccess510 = `; return value[0];
4: (79) r0 = *(u64 *)(r0 +0)
 R0_w=map_value_or_null(id=1,off=0,ks=4,vs=32,imm=0) R10=fp0
R0 invalid mem access 'map_value_or_null'
processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

describe("reading", () => {
  test("the complaint, its instruction and its line", () => {
    expect(readVerifierLog(nullAccess618)).toEqual({
      text: "R0 invalid mem access 'map_value_or_null'",
      details: [],
      instruction: 4,
      annotation: { text: "return value.count;", file: "flows.bpf.ts", line: 6 },
      omitted: 12,
    });
  });

  test("a log of Linux 5.10, which names no files", () => {
    expect(readVerifierLog(nullAccess510)).toMatchObject({
      text: "R0 invalid mem access 'map_value_or_null'",
      instruction: 4,
      annotation: { text: "return value[0];", file: undefined, line: undefined },
    });
  });

  test("sentences that belong together", () => {
    const log = `7: (7b) *(u64 *)(r0 +0) = r1
invalid access to map value, value_size=32 off=56 size=8
R0 max value is outside of the allowed memory range
processed 8 insns
`;
    expect(readVerifierLog(log)).toMatchObject({
      text: "invalid access to map value, value_size=32 off=56 size=8",
      details: ["R0 max value is outside of the allowed memory range"],
      instruction: 7,
    });
  });

  test("a complaint that names another place than the last instruction", () => {
    const log = `12: (05) goto pc-3
infinite loop detected at insn 9
cur state: R0=scalar() R10=fp0
old state: R0=scalar() R10=fp0
processed 13 insns
`;
    expect(readVerifierLog(log)).toMatchObject({ text: "infinite loop detected at insn 9", instruction: 9 });
    expect(readVerifierLog("back-edge from insn 5 to 2\n")).toMatchObject({ instruction: 5 });
    expect(readVerifierLog("unreachable insn 8\n")).toMatchObject({ instruction: 8 });
  });

  test("states, joins and frames are no complaints", () => {
    const log = `from 3 to 7: R0=scalar() R10=fp0
7: R0=scalar() R10=fp0
7: (95) exit
from 9 to 12: safe
frame1: R0=scalar() R10=fp0
12: (79) r0 = *(u64 *)(r1 +0)
R1 invalid mem access 'scalar'
mark_precise: frame0: last_idx 3 first_idx 0
processed 20 insns
`;
    expect(readVerifierLog(log)).toMatchObject({ text: "R1 invalid mem access 'scalar'", instruction: 12 });
  });

  test.each(["", "\n\n", "0: (b7) r0 = 0\n1: (95) exit\nprocessed 2 insns\n"])(
    "a log without a complaint: %j",
    (log) => {
      expect(readVerifierLog(log)).toBeUndefined();
    },
  );
});

test.each([
  ["R0 invalid mem access 'map_value_or_null'", "TSB2101"],
  ["R1 invalid mem access 'mem_or_null'", "TSB2101"],
  ["R2 pointer arithmetic on map_value_or_null prohibited, null-check it first", "TSB2101"],
  ["invalid access to map value, value_size=32 off=56 size=8", "TSB2102"],
  ["invalid access to packet, off=12 size=1, R1(id=0,off=12,r=0)", "TSB2102"],
  ["R3 unbounded memory access, make sure to bounds check any such access", "TSB2102"],
  ["math between map_value pointer and register with unbounded min value is not allowed", "TSB2102"],
  ["R2 min value is negative, either use unsigned index or do a if (index >=0) check.", "TSB2102"],
  ["R0 !read_ok", "TSB2103"],
  ["invalid read from stack off -40+0 size 4", "TSB2103"],
  ["invalid indirect read from stack R2 off -16+4 size 16", "TSB2103"],
  ["Unreleased reference id=2 alloc_insn=3", "TSB2104"],
  ["BPF program is too large. Processed 1000001 insn", "TSB2105"],
  ["The sequence of 8193 jumps is too complex.", "TSB2105"],
  ["invalid bpf_context access off=24 size=4", "TSB2106"],
  ["dereference of modified ctx ptr R1 off=4 disallowed", "TSB2106"],
  ["program of this type cannot use helper bpf_sock_hash_update#70", "TSB2107"],
  ["unknown func bpf_sock_hash_update#70", "TSB2107"],
  ["cannot call GPL-restricted function from non-GPL compatible program", "TSB2107"],
  ["R2 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem", "TSB2108"],
  ["infinite loop detected at insn 9", "TSB2109"],
  ["back-edge from insn 5 to 2", "TSB2109"],
  ["combined stack size of 2 calls is 544. Too large", "TSB2110"],
  ["At program exit the register R0 has smin=7 smax=7 should have been in [0, 1]", "TSB2111"],
  ["At program exit the register R0 has value (0x7; 0x0) should have been in (0x0; 0x1)", "TSB2111"],
  ["R1 bitwise operator <<= on pointer prohibited", "TSB2112"],
  ["R1 pointer arithmetic with <<= operator prohibited", "TSB2112"],
  ["write into map forbidden, value_size=8 off=0 size=8", "TSB2113"],
  ["something that no kernel said before", "TSB2100"],
])("%s is %s", (text, code) => {
  const complaint = { text, details: [], instruction: undefined, annotation: undefined, omitted: 0 };
  expect(classify(complaint).code).toBe(code);
});

test("a log full of what looks like complaints is cut, counted, and read at once", () => {
  const log = `0: (95) exit\n${`${"R1 ".repeat(340)}\n`.repeat(16_000)}`;
  const complaint = readVerifierLog(log);
  if (complaint === undefined) throw new Error("no complaint");
  expect(complaint.details).toHaveLength(19);
  expect(complaint.omitted).toBe(16_001 - 20);
  expect(classify(complaint)).toBeTypeOf("function");
});
