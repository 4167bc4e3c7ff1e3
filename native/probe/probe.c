// stream-probe SCENARIO [name=value]...: two processes, each in the cgroup and network namespace given, hold one TCP connection and do to it
// what applications do. What they saw is printed as lines; whether it is right is for the reader to say. Everything ends within `seconds`.
#define _GNU_SOURCE
#include "probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const role_names[] = {"server", "client"};
static const char *current_phase = "start";
static enum role current_role;

void phase(const char *what) { current_phase = what; }

static void emit(const char *name, const char *value) {
  char line[512];
  int length = snprintf(line, sizeof line, "%s.%s=%s\n", role_names[current_role], name, value);
  // One write below PIPE_BUF: lines of the two ends do not mix (pipe(7)).
  if (write(STDOUT_FILENO, line, (size_t)length) != length) _exit(3);
}

void report_text(struct end *end, const char *name, const char *value) {
  (void)end;
  emit(name, value);
}

void report(struct end *end, const char *name, long long value) {
  char text[32];
  snprintf(text, sizeof text, "%lld", value);
  report_text(end, name, text);
}

void fail(const char *operation) {
  char text[256];
  const char *name = strerrorname_np(errno);
  snprintf(text, sizeof text, "%s: %s (%s)", operation, strerror(errno), current_phase);
  emit("errno", name == NULL ? "?" : name);
  emit("error", text);
  _exit(1);
}

static void time_is_up(int signal_number) {
  (void)signal_number;
  emit("timeout", current_phase);
  _exit(2);
}

void tell(struct end *end) {
  if (write(end->to_other, "x", 1) != 1) fail("tell");
}

void await(struct end *end) {
  char byte;
  if (read(end->from_other, &byte, 1) != 1) fail("the other end is gone");
}

void sleep_ms(int ms) {
  struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
  nanosleep(&t, NULL);
}

void set_nonblocking(int fd) {
  if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) fail("fcntl");
}

// FNV-1a over bytes made by splitmix64 from seed and position.
static unsigned char payload_byte(uint64_t seed, uint64_t position) {
  uint64_t z = seed + (position >> 3) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return (unsigned char)(z >> ((position & 7) * 8));
}

static void digest(struct stream *stream, const unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) stream->digest = (stream->digest ^ bytes[i]) * 0x100000001b3u;
  stream->position += length;
}

void fill(struct stream *stream, unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) bytes[i] = payload_byte(stream->seed, stream->position + i);
}

static unsigned char buffer[1 << 20];

void send_bytes(struct end *end, size_t length) {
  while (length > 0) {
    size_t piece = length < sizeof buffer ? length : sizeof buffer;
    fill(&end->sent, buffer, piece);
    ssize_t n = send(end->fd, buffer, piece, MSG_NOSIGNAL);
    if (n < 0) fail("send");
    digest(&end->sent, buffer, (size_t)n);
    length -= (size_t)n;
  }
}

void take(struct end *end, const unsigned char *bytes, size_t length) { digest(&end->received, bytes, length); }

bool receive_bytes(struct end *end, size_t length) {
  while (length > 0) {
    ssize_t n = recv(end->fd, buffer, length < sizeof buffer ? length : sizeof buffer, 0);
    if (n < 0) fail("recv");
    if (n == 0) return false;
    take(end, buffer, (size_t)n);
    length -= (size_t)n;
  }
  return true;
}

size_t receive_to_end(struct end *end) {
  uint64_t before = end->received.position;
  for (;;) {
    ssize_t n = recv(end->fd, buffer, sizeof buffer, 0);
    if (n < 0) fail("recv");
    if (n == 0) return end->received.position - before;
    take(end, buffer, (size_t)n);
  }
}

union address {
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
};

static int family_of(const char *text) { return strchr(text, ':') != NULL ? AF_INET6 : AF_INET; }

static socklen_t make_address(const char *text, int port, union address *address) {
  memset(address, 0, sizeof *address);
  address->any.sa_family = (sa_family_t)family_of(text);
  if (address->any.sa_family == AF_INET) {
    address->in.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, text, &address->in.sin_addr) != 1) fail("address");
    return sizeof address->in;
  }
  address->in6.sin6_port = htons((uint16_t)port);
  if (inet_pton(AF_INET6, text, &address->in6.sin6_addr) != 1) fail("address");
  return sizeof address->in6;
}

static int port_of(const union address *address) {
  return ntohs(address->any.sa_family == AF_INET ? address->in.sin_port : address->in6.sin6_port);
}

static int tcp_socket(const char *address) {
  int fd = socket(family_of(address), SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  if (fd < 0) fail("socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  return fd;
}

static void listen_one(struct end *end) {
  union address address;
  socklen_t length = make_address(end->options->address, end->options->port, &address);
  end->listener = tcp_socket(end->options->address);
  if (bind(end->listener, &address.any, length) != 0) fail("bind");
  const int *mark = &end->options->low_water;
  if (*mark != 0 && setsockopt(end->listener, SOL_SOCKET, SO_RCVLOWAT, mark, sizeof *mark) != 0) fail("SO_RCVLOWAT");
  if (listen(end->listener, 16) != 0) fail("listen");
  if (getsockname(end->listener, &address.any, &length) != 0) fail("getsockname");
  uint16_t port = (uint16_t)port_of(&address);
  if (write(end->to_other, &port, sizeof port) != sizeof port) fail("tell");
}

void accept_one(struct end *end) {
  phase("accept");
  struct pollfd wait[] = {{.fd = end->listener, .events = POLLIN}, {.fd = end->from_other}};
  if (poll(wait, 2, -1) < 0) fail("poll");
  if (wait[0].revents == 0) {
    emit("error", "the client is gone");
    _exit(1);
  }
  end->fd = accept4(end->listener, NULL, NULL, SOCK_CLOEXEC);
  if (end->fd < 0) fail("accept");
}

static void report_peer(struct end *end) {
  union address address;
  socklen_t length = sizeof address;
  char text[INET6_ADDRSTRLEN], line[sizeof text + 8];
  if (getpeername(end->fd, &address.any, &length) != 0) return;
  bool v4 = address.any.sa_family == AF_INET;
  inet_ntop(address.any.sa_family, v4 ? (void *)&address.in.sin_addr : &address.in6.sin6_addr, text, sizeof text);
  snprintf(line, sizeof line, v4 ? "%s:%d" : "[%s]:%d", text, port_of(&address));
  report_text(end, "peer", line);
}

void connect_one(struct end *end) {
  static uint16_t port;
  const struct options *options = end->options;
  const char *to = options->to_address != NULL ? options->to_address : options->address;
  union address address;
  phase("connect");
  bool first = port == 0;
  if (first && read(end->from_other, &port, sizeof port) != sizeof port) fail("the server is gone");
  end->fd = tcp_socket(to);
  if (options->client_port != 0) {
    socklen_t length = make_address(to, options->client_port, &address);
    if (bind(end->fd, &address.any, length) != 0) fail("bind");
  }
  // A destination options header with padding alone (RFC 8200, section 4.6).
  static const unsigned char padding[8] = {0, 0, 1, 4};
  if (options->extension && setsockopt(end->fd, IPPROTO_IPV6, IPV6_DSTOPTS, padding, sizeof padding) != 0) fail("IPV6_DSTOPTS");
  socklen_t length = make_address(to, options->to_port != 0 ? options->to_port : port, &address);
  if (connect(end->fd, &address.any, length) != 0) fail("connect");
  if (first) report_peer(end);
}

void connect_with_data(struct end *end, size_t length) {
  uint16_t port;
  union address address;
  phase("connect with data");
  if (read(end->from_other, &port, sizeof port) != sizeof port) fail("the server is gone");
  end->fd = tcp_socket(end->options->address);
  socklen_t size = make_address(end->options->address, port, &address);
  fill(&end->sent, buffer, length);
  ssize_t n = sendto(end->fd, buffer, length, MSG_FASTOPEN | MSG_NOSIGNAL, &address.any, size);
  if (n < 0) fail("sendto");
  digest(&end->sent, buffer, (size_t)n);
}

static uint32_t sum_words(const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < length; i += 2) sum += (uint32_t)(at[i] << 8 | at[i + 1]);
  return sum;
}

void forge_syn(struct end *end) {
  const struct options *options = end->options;
  uint16_t port;
  union address from, to;
  phase("forge");
  if (read(end->from_other, &port, sizeof port) != sizeof port) fail("the server is gone");
  if (family_of(options->address) != AF_INET) fail("only IPv4 is forged");
  make_address(options->address, options->client_port, &from);
  socklen_t length = make_address(options->address, port, &to);
  struct tcphdr syn = {.source = from.in.sin_port, .dest = to.in.sin_port, .seq = htonl(0x5f3759df), .doff = 5, .syn = 1, .window = htons(1024)};
  uint32_t sum = sum_words(&from.in.sin_addr, 4) + sum_words(&to.in.sin_addr, 4) + IPPROTO_TCP + sizeof syn + sum_words(&syn, sizeof syn);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  syn.check = htons((uint16_t)~sum);
  int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) fail("raw socket");
  to.in.sin_port = 0;
  if (sendto(fd, &syn, sizeof syn, 0, &to.any, length) != sizeof syn) fail("forge");
  close(fd);
}

static void enter(const struct options *options, enum role role) {
  char text[4096];
  if (options->cgroup[role] != NULL) {
    phase("enter the cgroup");
    snprintf(text, sizeof text, "%s/cgroup.procs", options->cgroup[role]);
    int fd = open(text, O_WRONLY | O_CLOEXEC);
    // 0 is the writer itself (cgroups(7)), whatever its pid is called in this namespace.
    if (fd < 0 || write(fd, "0", 1) != 1) fail(text);
    close(fd);
  }
  if (options->netns[role] != NULL) {
    phase("enter the namespace");
    int fd = open(options->netns[role], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET) != 0) fail(options->netns[role]);
    close(fd);
  }
}

static void run(const struct scenario *scenario, const struct options *options, enum role role, int to, int from) {
  struct end end = {
      .options = options,
      .role = role,
      .listener = -1,
      .fd = -1,
      .to_other = to,
      .from_other = from,
      .sent = {.seed = 0x7362 + role, .digest = 0xcbf29ce484222325u},
      .received = {.seed = 0x7362 + !role, .digest = 0xcbf29ce484222325u},
  };
  current_role = role;
  signal(SIGALRM, time_is_up);
  alarm((unsigned)options->seconds);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  enter(options, role);
  if (role == SERVER) listen_one(&end);
  (role == SERVER ? scenario->server : scenario->client)(&end);
  char text[32];
  report(&end, "sent", (long long)end.sent.position);
  report(&end, "received", (long long)end.received.position);
  snprintf(text, sizeof text, "%016llx", (unsigned long long)end.sent.digest);
  report_text(&end, "sentDigest", text);
  snprintf(text, sizeof text, "%016llx", (unsigned long long)end.received.digest);
  report_text(&end, "receivedDigest", text);
  _exit(0);
}

static size_t number(const char *text) {
  char *rest;
  errno = 0;
  unsigned long long value = strtoull(text, &rest, 10);
  if (errno != 0 || *rest != 0 || rest == text) {
    fprintf(stderr, "stream-probe: `%s` is not a number\n", text);
    exit(64);
  }
  return value;
}

static void parse(struct options *options, char *argument) {
  char *value = strchr(argument, '=');
  if (value == NULL) goto unknown;
  *value++ = 0;
  if (!strcmp(argument, "address")) options->address = value;
  else if (!strcmp(argument, "port")) options->port = (int)number(value);
  else if (!strcmp(argument, "client-port")) options->client_port = (int)number(value);
  else if (!strcmp(argument, "to-address")) options->to_address = value;
  else if (!strcmp(argument, "to-port")) options->to_port = (int)number(value);
  else if (!strcmp(argument, "size")) options->size = number(value);
  else if (!strcmp(argument, "rounds")) options->rounds = number(value);
  else if (!strcmp(argument, "low-water")) options->low_water = (int)number(value);
  else if (!strcmp(argument, "seconds")) options->seconds = (int)number(value);
  else if (!strcmp(argument, "extension")) options->extension = number(value) != 0;
  else if (!strcmp(argument, "pause")) options->pause = number(value) != 0;
  else if (!strcmp(argument, "server-cgroup")) options->cgroup[SERVER] = value;
  else if (!strcmp(argument, "client-cgroup")) options->cgroup[CLIENT] = value;
  else if (!strcmp(argument, "server-netns")) options->netns[SERVER] = value;
  else if (!strcmp(argument, "client-netns")) options->netns[CLIENT] = value;
  else goto unknown;
  return;
unknown:
  fprintf(stderr, "stream-probe: unknown option `%s`\n", argument);
  exit(64);
}

int main(int argc, char **argv) {
  struct options options = {.address = "127.0.0.1", .size = 65536, .rounds = 1, .seconds = 10};
  const struct scenario *scenario = scenarios;
  while (argc > 1 && scenario->name != NULL && strcmp(scenario->name, argv[1]) != 0) scenario++;
  if (argc < 2 || scenario->name == NULL) {
    for (scenario = scenarios; scenario->name != NULL; scenario++) fprintf(stderr, "%-20s %s\n", scenario->name, scenario->what);
    return 64;
  }
  for (int i = 2; i < argc; i++) parse(&options, argv[i]);

  int to_client[2], to_server[2];
  if (pipe2(to_client, O_CLOEXEC) != 0 || pipe2(to_server, O_CLOEXEC) != 0) return 3;
  signal(SIGPIPE, SIG_IGN);
  pid_t children[2];
  for (enum role role = SERVER; role <= CLIENT; role++) {
    children[role] = fork();
    if (children[role] < 0) return 3;
    if (children[role] == 0) {
      // Each keeps its own ends of the pipes alone, so that it reads the end of file when the other is gone.
      close(role == SERVER ? to_server[1] : to_client[1]);
      close(role == SERVER ? to_client[0] : to_server[0]);
      run(scenario, &options, role, role == SERVER ? to_client[1] : to_server[1], role == SERVER ? to_server[0] : to_client[0]);
    }
  }
  close(to_client[0]), close(to_client[1]), close(to_server[0]), close(to_server[1]);
  int worst = 0;
  for (int i = 0; i < 2; i++) {
    int status;
    while (waitpid(children[i], &status, 0) < 0 && errno == EINTR) continue;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (code > worst) worst = code;
  }
  return worst;
}
