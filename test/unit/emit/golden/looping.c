typedef unsigned int u32;
typedef int i32;

struct xdp_md {
  u32 data;
  u32 data_end;
  u32 data_meta;
  u32 ingress_ifindex;
  u32 rx_queue_index;
  u32 egress_ifindex;
};

u32 table[10] __attribute__((aligned(8)));

__attribute__((always_inline))
static i32 signed_div32(i32 left, i32 right) {
  u32 dividend = left < 0 ? -(u32)left : (u32)left;
  u32 divisor = right < 0 ? -(u32)right : (u32)right;
  u32 result = divisor ? dividend / divisor : 0;
  return (i32)((left ^ right) < 0 ? -result : result);
}

__attribute__((always_inline))
static i32 half(i32 value) {
  return signed_div32(value, 2);
}

__attribute__((section("xdp")))
__attribute__((used))
int spread(struct xdp_md *ctx) {
  i32 sum = 0;
  u32 ingress_ifindex;
  asm volatile("%0 = *(u32 *)(%1 + %2)" : "=r"(ingress_ifindex) : "r"(ctx), "i"(__builtin_offsetof(struct xdp_md, ingress_ifindex)));
  for (u32 iteration = 0; iteration < 64; iteration++) {
    asm volatile("" : "+r"(iteration));
    u32 i = iteration;
    asm volatile("" : "+r"(i));
    if (i >= ingress_ifindex) {
      break;
    }
    for (u32 j = 0; j < 10; j++) {
      if (table[j] == i) {
        goto rows_next;
      }
      table[j] = table[j] + i;
    }
    i32 sum_2 = sum;
    i32 i_2 = (i32)i;
    asm volatile("" : "+r"(i_2));
    i32 half_result = half(i_2);
    sum = sum_2 + half_result;
    rows_next:;
  }
  switch (sum) {
    case 0:
    case 1: {
      return 2;
    }
    default: {
      sum = 1;
    }
  }
  return 1;
}

char _license[13] __attribute__((section("license"), used)) = "Dual MIT/GPL";
