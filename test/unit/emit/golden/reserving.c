typedef unsigned char u8;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;

struct __sk_buff {
  u32 len;
  u32 pkt_type;
  u32 mark;
  u32 queue_mapping;
  u32 protocol;
  u32 vlan_present;
  u32 vlan_tci;
  u32 vlan_proto;
  u32 priority;
  u32 ingress_ifindex;
  u32 ifindex;
  u32 tc_index;
  u32 cb[5];
  u32 hash;
  u32 tc_classid;
  u32 data;
  u32 data_end;
  u32 napi_id;
  u32 family;
  u32 remote_ip4;
  u32 local_ip4;
  u32 remote_ip6[4];
  u32 local_ip6[4];
  u32 remote_port;
  u32 local_port;
  u32 data_meta;
  void *flow_keys;
  u64 tstamp;
  u32 wire_len;
  u32 gso_segs;
  void *sk;
  u32 gso_size;
  u8 tstamp_type;
  u64 hwtstamp;
};

struct Event {
  u32 number;
  u8 __pad0[4];
  u64 time;
};

struct tsbpf_log_1 {
  u32 site;
  u32 cpu;
  u64 time;
  u64 arguments[1];
};

static void *(*const bpf_ringbuf_reserve)(void *, u64, u64) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *, u64) = (void *)132;
static void (*const bpf_ringbuf_discard)(void *, u64) = (void *)133;
static u64 (*const bpf_get_smp_processor_id)(void) = (void *)8;
static u64 (*const bpf_ktime_get_ns)(void) = (void *)5;

struct {
  int (*type)[27];
  int (*max_entries)[4096];
} events __attribute__((section(".maps"), used));

struct Event *tsbpf_record_events __attribute__((section(".tsbpf.records"), used));

const volatile u32 level = 3u;

struct {
  int (*type)[27];
  int (*max_entries)[262144];
} tsbpf_log __attribute__((section(".maps"), used));

u64 tsbpf_log_lost;

__attribute__((section("tc")))
__attribute__((used))
int report(struct __sk_buff *ctx) {
  u32 mark;
  asm volatile("%0 = *(u32 *)(%1 + %2)" : "=r"(mark) : "r"(ctx), "i"(__builtin_offsetof(struct __sk_buff, mark)));
  {
    struct Event *event = (struct Event *)bpf_ringbuf_reserve(&events, 16, 0);
    if (!event) {
      return 0;
    }
    *event = (struct Event){};
    u64 event_owned = 1;
    asm volatile("" : "+r"(event_owned));
    event->number = mark;
    if (mark > level) {
      bpf_ringbuf_submit(event, 0);
      event_owned = 0;
      asm volatile("" : "+r"(event_owned));
    }
    if (event_owned != 0) {
      bpf_ringbuf_discard(event, 0);
    }
  }
  {
    struct tsbpf_log_1 *record = bpf_ringbuf_reserve(&tsbpf_log, sizeof(struct tsbpf_log_1), 0);
    if (record) {
      record->site = 1;
      record->cpu = bpf_get_smp_processor_id();
      record->time = bpf_ktime_get_ns();
      record->arguments[0] = mark;
      bpf_ringbuf_submit(record, 0);
    } else {
      __sync_fetch_and_add(&tsbpf_log_lost, 1);
    }
  }
  return 2;
}

char _license[13] __attribute__((section("license"), used)) = "Dual MIT/GPL";
