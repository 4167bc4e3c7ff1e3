// What of the kernel's user API goes into the tables and into the DSL's enums.

/** Headers that the probe includes, below the package's `usr/include`. */
export const headers = [
  "linux/bpf.h",
  "linux/pkt_cls.h",
  "linux/if_ether.h",
  "linux/in.h",
  "linux/in6.h",
  "linux/icmpv6.h",
  "asm-generic/errno.h",
  "asm-generic/socket.h",
  "linux/tcp.h",
];

/** Structs whose layout the compiler must know. */
export const structs = [
  "bpf_sock_ops",
  "sk_msg_md",
  "__sk_buff",
  "xdp_md",
  "bpf_sock_addr",
  "bpf_sockopt",
  "bpf_sock",
  "bpf_tcp_sock",
];

/** Tables of all members of one of the kernel's enums, prefix removed and in lower case. */
export const tables = [
  { name: "mapTypes", prefix: "BPF_MAP_TYPE_", doc: "`enum bpf_map_type`." },
  { name: "programTypes", prefix: "BPF_PROG_TYPE_", doc: "`enum bpf_prog_type`." },
  { name: "attachTypes", enum: "bpf_attach_type", prefix: "BPF_", doc: "`enum bpf_attach_type`." },
  {
    name: "helperIds",
    prefix: "BPF_FUNC_",
    doc: "`enum bpf_func_id`: the number that a call instruction carries.",
  },
];

/**
 * The DSL's enums. `pick` names members by the kernel's name without `prefix`; a pair gives a member another name. `all` takes every constant
 * (or macro) with the prefix that `match` accepts.
 */
export const enums = [
  {
    name: "SockOp",
    prefix: "BPF_SOCK_OPS_",
    doc: "Why a `sockOps` program runs (`ctx.op`).",
    all: /^(?!VOID)([A-Z_]+_(INIT|ECN|RTT|CB|SND_\w+_CB))$/,
  },
  {
    name: "SockOpsCallback",
    prefix: "BPF_SOCK_OPS_",
    doc: "Optional operations that `ctx.setCallbacks` asks for; combine with `|`.",
    all: /_CB_FLAGS?$/,
  },
  {
    name: "SkAction",
    prefix: "SK_",
    doc: "What a `skMsg` or `skSkb.verdict` program decides.",
    pick: ["DROP", "PASS"],
  },
  {
    name: "XdpAction",
    prefix: "XDP_",
    doc: "What an `xdp` program decides.",
    pick: ["ABORTED", "DROP", "PASS", "TX", "REDIRECT"],
  },
  {
    name: "TcAction",
    prefix: "TC_ACT_",
    doc: "What a `tc` program decides.",
    pick: ["UNSPEC", "OK", "RECLASSIFY", "SHOT", "PIPE", "STOLEN", "QUEUED", "REPEAT", "REDIRECT", "TRAP"],
  },
  { name: "MapUpdate", prefix: "BPF_", doc: "When `set` may store.", pick: ["ANY", "NOEXIST", "EXIST"] },
  {
    name: "MapFlags",
    prefix: "BPF_F_",
    doc: "How a map is made; combine with `|`.",
    pick: [
      "NO_PREALLOC",
      "NO_COMMON_LRU",
      "NUMA_NODE",
      "RDONLY",
      "WRONLY",
      "ZERO_SEED",
      "RDONLY_PROG",
      "WRONLY_PROG",
      "CLONE",
      "MMAPABLE",
      "PRESERVE_ELEMS",
      "INNER_MAP",
    ],
  },
  {
    name: "MsgFlags",
    prefix: "BPF_F_",
    doc: "Where a socket redirect delivers: without `INGRESS` the target sends the data, with it the target receives it.",
    pick: ["INGRESS"],
  },
  {
    name: "RedirectFlags",
    prefix: "BPF_F_",
    doc: "Where a packet redirect delivers: without `INGRESS` the device sends it, with it the device receives it.",
    pick: ["INGRESS"],
  },
  {
    name: "ChecksumFlags",
    prefix: "BPF_F_",
    doc: "Flags of the checksum helpers; combine with `|` and with the size of the changed field (2 or 4).",
    pick: ["HDR_FIELD_MASK", "PSEUDO_HDR", "MARK_MANGLED_0", "MARK_ENFORCE"],
  },
  {
    name: "RingBufferFlags",
    prefix: "BPF_RB_",
    doc: "Whether handing over a record wakes the reader.",
    pick: ["NO_WAKEUP", "FORCE_WAKEUP"],
  },
  {
    name: "RingBufferQuery",
    prefix: "BPF_RB_",
    doc: "What `RingBuffer.query` asks for, in bytes.",
    pick: ["AVAIL_DATA", "RING_SIZE", "CONS_POS", "PROD_POS"],
  },
  { name: "TcpState", prefix: "BPF_TCP_", doc: "States of a TCP connection.", all: /^(?!MAX_STATES)/ },
  {
    name: "IpProtocol",
    prefix: "IPPROTO_",
    doc: "What an IP packet carries.",
    pick: ["ICMP", "TCP", "UDP", "IPV6", "GRE", "ESP", "ICMPV6", "SCTP"],
  },
  {
    name: "EtherType",
    prefix: "ETH_P_",
    doc: "What an Ethernet frame carries, in host order: compare with `htons(EtherType.IP)`.",
    pick: ["IP", "ARP", "8021Q", "8021AD", "IPV6"],
  },
  {
    name: "Errno",
    prefix: "",
    doc: "Error numbers, positive: return `-Errno.EPERM`.",
    all: /^E[A-Z0-9]+$/,
    header: "errno",
  },
  {
    name: "SocketLevel",
    prefix: "",
    doc: "Levels of socket options.",
    pick: [
      ["SOL_SOCKET", "SOCKET"],
      ["IPPROTO_IP", "IP"],
      ["IPPROTO_TCP", "TCP"],
      ["IPPROTO_IPV6", "IPV6"],
    ],
  },
  {
    name: "SocketOption",
    prefix: "SO_",
    doc: "Options at `SocketLevel.SOCKET`.",
    pick: [
      "REUSEADDR",
      "SNDBUF",
      "RCVBUF",
      "KEEPALIVE",
      "PRIORITY",
      "RCVLOWAT",
      "MARK",
      "MAX_PACING_RATE",
      "BINDTODEVICE",
    ],
  },
  {
    name: "TcpOption",
    prefix: "TCP_",
    doc: "Options at `SocketLevel.TCP`.",
    pick: [
      "NODELAY",
      "MAXSEG",
      "KEEPIDLE",
      "KEEPINTVL",
      "KEEPCNT",
      "SYNCNT",
      "WINDOW_CLAMP",
      "CONGESTION",
      "USER_TIMEOUT",
      "NOTSENT_LOWAT",
      "SAVE_SYN",
    ],
  },
];

/**
 * Numbers that the headers do not have as constants: those of socket(2) are the C library's, the same on every Linux architecture but MIPS;
 * the rest are the network's or the verifier's.
 */
export const libraryEnums = [
  {
    name: "AddressFamily",
    doc: "Families of addresses (`AF_…`).",
    members: { UNSPEC: 0, UNIX: 1, INET: 2, INET6: 10, PACKET: 17 },
  },
  {
    name: "SocketType",
    doc: "Types of sockets (`SOCK_…`).",
    members: { STREAM: 1, DGRAM: 2, RAW: 3, SEQPACKET: 5 },
  },
  {
    name: "SkbEgressAction",
    doc: "What a `cgroup.skbEgress` program decides; `_CN` tells the sender of congestion (kernel: `BPF_PROG_CGROUP_INET_EGRESS_RUN_ARRAY`).",
    members: { DROP: 0, PASS: 1, DROP_CN: 2, PASS_CN: 3 },
  },
  {
    name: "TcpFlag",
    doc: "Flags of a TCP header, in host order (RFC 9293, section 3.1); combine with `|`.",
    members: { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 },
  },
];
