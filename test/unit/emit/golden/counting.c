typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;
typedef u32 __be32;

struct bpf_sock_ops {
  u32 op;
  union { u32 args[4]; u32 reply; u32 replylong[4]; };
  u32 family;
  u32 remote_ip4;
  u32 local_ip4;
  u32 remote_ip6[4];
  u32 local_ip6[4];
  u32 remote_port;
  u32 local_port;
  u32 is_fullsock;
  u32 snd_cwnd;
  u32 srtt_us;
  u32 bpf_sock_ops_cb_flags;
  u32 state;
  u32 rtt_min;
  u32 snd_ssthresh;
  u32 rcv_nxt;
  u32 snd_nxt;
  u32 snd_una;
  u32 mss_cache;
  u32 ecn_flags;
  u32 rate_delivered;
  u32 rate_interval_us;
  u32 packets_out;
  u32 retrans_out;
  u32 total_retrans;
  u32 segs_in;
  u32 data_segs_in;
  u32 segs_out;
  u32 data_segs_out;
  u32 lost_out;
  u32 sacked_out;
  u32 sk_txhash;
  u64 bytes_received;
  u64 bytes_acked;
  void *sk;
  void *skb_data;
  void *skb_data_end;
  u32 skb_len;
  u32 skb_tcp_flags;
  u64 skb_hwtstamp;
};

struct FlowKey {
  __be32 remote;
  u16 port;
  u8 family;
  u8 __pad0[1];
};

struct FlowStats {
  u64 packets;
  u32 last;
  _Bool seen;
  u8 __pad0[3];
};

static void *(*const bpf_map_lookup_elem)(void *, const void *) = (void *)1;
static u64 (*const bpf_map_update_elem)(void *, const void *, const void *, u64) = (void *)2;

struct {
  int (*type)[1];
  int (*max_entries)[1024];
  struct FlowKey *key;
  struct FlowStats *value;
} flows __attribute__((section(".maps"), used));

__attribute__((section("sockops")))
__attribute__((used))
int count(struct bpf_sock_ops *ctx) {
  u32 op;
  asm volatile("%0 = *(u32 *)(%1 + %2)" : "=r"(op) : "r"(ctx), "i"(__builtin_offsetof(struct bpf_sock_ops, op)));
  if (op != 4) {
    return 1;
  }
  __be32 remote_ip4;
  asm volatile("%0 = *(u32 *)(%1 + %2)" : "=r"(remote_ip4) : "r"(ctx), "i"(__builtin_offsetof(struct bpf_sock_ops, remote_ip4)));
  u32 local_port;
  asm volatile("%0 = *(u32 *)(%1 + %2)" : "=r"(local_port) : "r"(ctx), "i"(__builtin_offsetof(struct bpf_sock_ops, local_port)));
  struct FlowKey flow __attribute__((aligned(8))) = { .remote = remote_ip4, .port = (u16)local_port };
  struct FlowStats *stats = bpf_map_lookup_elem(&flows, &flow);
  if (!stats) {
    {
      struct FlowStats value __attribute__((aligned(8))) = { .packets = 1, .seen = 1 };
      bpf_map_update_elem(&flows, &flow, &value, 0);
    }
    return 1;
  }
  stats->packets = stats->packets + 1;
  return 1;
}

char _license[13] __attribute__((section("license"), used)) = "Dual MIT/GPL";
