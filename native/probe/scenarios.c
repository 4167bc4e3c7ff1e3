// What applications do to a stream, one scenario each. `open` connects and waits until both ends are established, so that whatever sits
// below had its chance to enrol both before the first byte.
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static unsigned char bytes[1 << 20];

static void open_connection(struct end *end) {
  if (end->role == SERVER) {
    accept_one(end);
    tell(end);
    phase("wait for the client");
    await(end);
  } else {
    connect_one(end);
    phase("wait for the server");
    await(end);
    tell(end);
    if (end->options->pause) {
      char line[8];
      report_text(end, "connected", "1");
      phase("pause");
      if (read(STDIN_FILENO, line, sizeof line) < 0) fail("pause");
    }
  }
}

// --- exchange: request and response, `rounds` times

static void exchange_server(struct end *end) {
  open_connection(end);
  phase("exchange");
  while (receive_bytes(end, end->options->size)) send_bytes(end, end->options->size);
}

static void exchange_client(struct end *end) {
  open_connection(end);
  phase("exchange");
  for (size_t i = 0; i < end->options->rounds; i++) {
    send_bytes(end, end->options->size);
    if (!receive_bytes(end, end->options->size)) report(end, "shortAt", (long long)i);
  }
  close(end->fd);
}

// --- eager: many connections, each writes at once from both ends: the moments around enrolment

static void eager_server(struct end *end) {
  for (size_t i = 0; i < end->options->rounds; i++) {
    accept_one(end);
    send_bytes(end, end->options->size);
    receive_bytes(end, end->options->size);
    send_bytes(end, end->options->size);
    receive_bytes(end, end->options->size);
    receive_to_end(end);
    close(end->fd);
  }
}

static void eager_client(struct end *end) {
  for (size_t i = 0; i < end->options->rounds; i++) {
    connect_one(end);
    phase("exchange");
    send_bytes(end, end->options->size);
    receive_bytes(end, end->options->size);
    send_bytes(end, end->options->size);
    receive_bytes(end, end->options->size);
    close(end->fd);
  }
}

// --- write-then-close, either end first

static void close_after_write(struct end *end) {
  send_bytes(end, end->options->size);
  close(end->fd);
  tell(end);
}

static void read_after_close(struct end *end) {
  await(end);
  sleep_ms(50);
  receive_to_end(end);
}

static void write_close_server(struct end *end) {
  open_connection(end);
  phase("read what was left");
  read_after_close(end);
}

static void write_close_client(struct end *end) {
  open_connection(end);
  phase("write and close");
  close_after_write(end);
}

static void server_write_close_server(struct end *end) {
  open_connection(end);
  phase("write and close");
  close_after_write(end);
}

static void server_write_close_client(struct end *end) {
  open_connection(end);
  phase("read what was left");
  read_after_close(end);
}

// --- half-close: request, shutdown, response after it; the client looks at the response only when the server has closed

static void half_close_server(struct end *end) {
  open_connection(end);
  phase("read the request to its end");
  receive_to_end(end);
  phase("respond");
  send_bytes(end, end->options->size);
  close(end->fd);
  tell(end);
}

static void half_close_client(struct end *end) {
  open_connection(end);
  phase("request and shut down");
  send_bytes(end, end->options->size);
  if (shutdown(end->fd, SHUT_WR) != 0) fail("shutdown");
  phase("read the response");
  await(end);
  sleep_ms(50);
  receive_to_end(end);
}

// --- half-close-early: the response was sent before the shutdown, and is read after both ends have closed their sides

static void half_close_early_server(struct end *end) {
  open_connection(end);
  phase("read a part of the request");
  receive_bytes(end, end->options->size);
  send_bytes(end, end->options->size);
  tell(end);
  phase("read to the end");
  receive_to_end(end);
  close(end->fd);
  tell(end);
}

static void half_close_early_client(struct end *end) {
  open_connection(end);
  phase("request");
  send_bytes(end, end->options->size);
  await(end);
  if (shutdown(end->fd, SHUT_WR) != 0) fail("shutdown");
  phase("read the response");
  await(end);
  sleep_ms(50);
  receive_to_end(end);
}

// --- reset: the client aborts with data unread at the server

static void reset_server(struct end *end) {
  open_connection(end);
  phase("wait for the reset");
  await(end);
  sleep_ms(50);
  for (;;) {
    ssize_t n = recv(end->fd, bytes, sizeof bytes, 0);
    if (n > 0) {
      take(end, bytes, (size_t)n);
      continue;
    }
    report_text(end, "ending", n == 0 ? "end" : strerrorname_np(errno));
    break;
  }
  ssize_t n = send(end->fd, "x", 1, MSG_NOSIGNAL);
  report_text(end, "write", n < 0 ? strerrorname_np(errno) : "written");
}

static void reset_client(struct end *end) {
  open_connection(end);
  phase("write and reset");
  send_bytes(end, end->options->size);
  struct linger now = {.l_onoff = 1, .l_linger = 0};
  setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(end->fd);
  tell(end);
}

// --- server-first: a banner before the client has said anything

static void server_first_server(struct end *end) {
  accept_one(end);
  phase("banner");
  send_bytes(end, end->options->size);
  phase("answer");
  receive_bytes(end, end->options->size);
  send_bytes(end, end->options->size);
  receive_to_end(end);
}

static void server_first_client(struct end *end) {
  connect_one(end);
  phase("banner");
  receive_bytes(end, end->options->size);
  phase("answer");
  send_bytes(end, end->options->size);
  receive_bytes(end, end->options->size);
  close(end->fd);
}

// --- peek: MSG_PEEK shows what the next read returns and takes nothing

static void peek_server(struct end *end) {
  static unsigned char first[65536], second[65536];
  long long changed = 0, empty = 0;
  size_t want = end->options->size < sizeof first ? end->options->size : sizeof first;
  open_connection(end);
  phase("peek");
  for (size_t i = 0; i < end->options->rounds; i++) {
    ssize_t a = recv(end->fd, first, want, MSG_PEEK);
    ssize_t b = recv(end->fd, second, want, MSG_PEEK);
    if (a <= 0) empty++;
    if (b < a || memcmp(first, second, (size_t)(a < 0 ? 0 : a)) != 0) changed++;
    // The first byte with a read of its own: what is left of a peeked message must be the rest of it.
    unsigned char one;
    if (recv(end->fd, &one, 1, 0) != 1 || one != first[0]) changed++;
    take(end, &one, 1);
    if (!receive_bytes(end, want - 1)) break;
    tell(end);
  }
  report(end, "changed", changed);
  report(end, "empty", empty);
}

static void peek_client(struct end *end) {
  open_connection(end);
  phase("send to the peeker");
  for (size_t i = 0; i < end->options->rounds; i++) {
    send_bytes(end, end->options->size < 65536 ? end->options->size : 65536);
    await(end);
  }
  close(end->fd);
}

// --- edge-triggered epoll: each edge is drained to EAGAIN; an edge that does not come is a hang, found by a late level-triggered look

static void epoll_server(struct end *end) {
  open_connection(end);
  set_nonblocking(end->fd);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET};
  if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, end->fd, &event) != 0) fail("epoll");
  long long edges = 0, missed = 0;
  bool ended = false;
  phase("wait for an edge");
  while (!ended) {
    if (epoll_wait(epoll, &event, 1, 1000) == 0) {
      struct pollfd level = {.fd = end->fd, .events = POLLIN};
      if (poll(&level, 1, 0) > 0) missed++;
    } else edges++;
    for (;;) {
      ssize_t n = recv(end->fd, bytes, 4096, 0);
      if (n > 0) take(end, bytes, (size_t)n);
      else if (n == 0) ended = true;
      else if (errno != EAGAIN) fail("recv");
      if (n <= 0) break;
    }
  }
  report(end, "edges", edges);
  report(end, "missedEdges", missed);
}

static void epoll_client(struct end *end) {
  open_connection(end);
  phase("send in bursts");
  for (size_t i = 0; i < end->options->rounds; i++) {
    send_bytes(end, 1 + (i * 7919) % end->options->size);
    if (i % 4 == 0) sleep_ms(1);
  }
  close(end->fd);
}

// --- low-water mark: a blocking read returns no less than SO_RCVLOWAT while the stream goes on, and poll agrees. Where the listener has the
// mark already, the connection has inherited it.

static void low_water_server(struct end *end) {
  int mark = (int)end->options->size;
  open_connection(end);
  bool set = end->options->low_water != 0 || setsockopt(end->fd, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark) == 0;
  report_text(end, "option", set ? "set" : strerrorname_np(errno));
  long long early = 0, early_poll = 0;
  tell(end);
  phase("read to the mark");
  for (size_t i = 0; i < end->options->rounds; i++) {
    await(end); // half of it is here
    struct pollfd poll_in = {.fd = end->fd, .events = POLLIN};
    if (poll(&poll_in, 1, 20) > 0) early_poll++;
    tell(end); // now the other half
    size_t got = 0;
    while (got < (size_t)mark) {
      ssize_t n = recv(end->fd, bytes, (size_t)mark - got, 0);
      if (n <= 0) fail("recv");
      if (got == 0 && n < mark) early++;
      take(end, bytes, (size_t)n);
      got += (size_t)n;
    }
  }
  report(end, "early", early);
  report(end, "earlyPoll", early_poll);
}

static void low_water_client(struct end *end) {
  open_connection(end);
  await(end);
  phase("send in halves");
  for (size_t i = 0; i < end->options->rounds; i++) {
    send_bytes(end, end->options->size / 2);
    tell(end);
    await(end);
    sleep_ms(10);
    send_bytes(end, end->options->size - end->options->size / 2);
  }
  close(end->fd);
}

// --- wait-all: MSG_WAITALL returns the whole length asked for

static void wait_all_server(struct end *end) {
  long long shorter = 0;
  open_connection(end);
  phase("read with MSG_WAITALL");
  for (size_t i = 0; i < end->options->rounds; i++) {
    size_t got = 0;
    while (got < end->options->size) {
      ssize_t n = recv(end->fd, bytes, end->options->size - got, MSG_WAITALL);
      if (n <= 0) fail("recv");
      if ((size_t)n < end->options->size - got) shorter++;
      take(end, bytes, (size_t)n);
      got += (size_t)n;
    }
  }
  report(end, "short", shorter);
}

static void wait_all_client(struct end *end) {
  open_connection(end);
  phase("send in halves");
  for (size_t i = 0; i < end->options->rounds; i++) {
    send_bytes(end, end->options->size / 2);
    sleep_ms(10);
    send_bytes(end, end->options->size - end->options->size / 2);
  }
  close(end->fd);
}

// --- unread: FIONREAD is not 0 when poll says that there is something, and soon says how much

/** What FIONREAD comes to: bytes that were sent may take a moment to arrive. */
static int settled_unread(struct end *end, size_t expected) {
  int unread = 0;
  for (int attempt = 0; attempt < 500; attempt++) {
    if (ioctl(end->fd, FIONREAD, &unread) != 0) fail("FIONREAD");
    if ((size_t)unread == expected) break;
    sleep_ms(1);
  }
  return unread;
}

static void unread_server(struct end *end) {
  long long zero = 0, wrong = 0;
  open_connection(end);
  phase("ask how much is unread");
  for (size_t i = 0; i < end->options->rounds; i++) {
    struct pollfd readable = {.fd = end->fd, .events = POLLIN};
    if (poll(&readable, 1, 5000) != 1) fail("poll");
    int unread = 0;
    if (ioctl(end->fd, FIONREAD, &unread) != 0) fail("FIONREAD");
    if (unread == 0) zero++;
    await(end); // everything of this round was sent
    if (settled_unread(end, end->options->size) != (int)end->options->size) wrong++;
    if (!receive_bytes(end, end->options->size)) break;
    if (settled_unread(end, 0) != 0) wrong++;
    tell(end);
  }
  report(end, "zero", zero);
  report(end, "wrong", wrong);
}

static void unread_client(struct end *end) {
  open_connection(end);
  phase("send to the asker");
  for (size_t i = 0; i < end->options->rounds; i++) {
    send_bytes(end, end->options->size);
    tell(end);
    await(end);
  }
  close(end->fd);
}

// --- never-reads: how much a sender can put into a connection whose reader does nothing (at most `rounds` times `size`)

static size_t push(struct end *end, size_t most) {
  size_t pushed = 0;
  while (pushed < most) {
    size_t piece = most - pushed < 16384 ? most - pushed : 16384;
    fill(&end->sent, bytes, piece);
    ssize_t n = send(end->fd, bytes, piece, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) fail("send");
    take(end, bytes, 0);
    end->sent.position += (size_t)n;
    pushed += (size_t)n;
  }
  return pushed;
}

static void never_reads_server(struct end *end) {
  open_connection(end);
  phase("do not read");
  await(end);
}

static void never_reads_client(struct end *end) {
  open_connection(end);
  phase("push");
  size_t pushed = 0, most = end->options->size * end->options->rounds;
  // A send buffer that is full for 100 ms stays full.
  for (int quiet = 0; quiet < 10 && pushed < most;) {
    size_t now = push(end, most - pushed);
    pushed += now;
    quiet = now == 0 ? quiet + 1 : 0;
    if (now == 0) sleep_ms(10);
  }
  report(end, "accepted", (long long)pushed);
  tell(end);
}

// --- writes-never-reads: as above, while the reader writes a byte after each piece

static void writes_never_reads_server(struct end *end) {
  open_connection(end);
  phase("write and do not read");
  for (size_t i = 0; i < end->options->rounds; i++) {
    await(end);
    if (send(end->fd, "x", 1, MSG_NOSIGNAL) != 1) fail("send");
    tell(end);
  }
}

static void writes_never_reads_client(struct end *end) {
  open_connection(end);
  phase("push between bytes");
  size_t pushed = 0;
  for (size_t i = 0; i < end->options->rounds; i++) {
    pushed += push(end, end->options->size);
    tell(end);
    await(end);
  }
  report(end, "accepted", (long long)pushed);
}

// --- answer-unread: the server answers what it has not read; what the client then writes comes behind what is still underway

static void answer_unread_server(struct end *end) {
  open_connection(end);
  phase("answer");
  for (size_t i = 0; i < end->options->rounds; i++) {
    await(end);
    send_bytes(end, 1);
  }
  await(end);
  sleep_ms(20);
  phase("read everything");
  receive_to_end(end);
}

static void answer_unread_client(struct end *end) {
  open_connection(end);
  phase("write what is not read");
  for (size_t i = 0; i < end->options->rounds; i++) {
    send_bytes(end, end->options->size);
    tell(end);
    receive_bytes(end, 1);
    send_bytes(end, 100);
  }
  close(end->fd);
  tell(end);
}

// --- splice: the server moves what it receives through a pipe

static void splice_server(struct end *end) {
  int through[2];
  open_connection(end);
  if (pipe(through) != 0) fail("pipe");
  phase("splice");
  for (;;) {
    ssize_t n = splice(end->fd, NULL, through[1], NULL, 65536, 0);
    if (n < 0) {
      report_text(end, "ending", strerrorname_np(errno));
      break;
    }
    if (n == 0) break;
    for (ssize_t left = n; left > 0;) {
      ssize_t got = read(through[0], bytes, (size_t)left);
      if (got <= 0) fail("read");
      take(end, bytes, (size_t)got);
      left -= got;
    }
  }
}

static void splice_client(struct end *end) {
  open_connection(end);
  phase("send to the splicer");
  for (size_t i = 0; i < end->options->rounds; i++) send_bytes(end, end->options->size);
  close(end->fd);
}

// --- fast-open: bytes that travel with the SYN, and bytes right behind them

static void fast_open_server(struct end *end) {
  accept_one(end);
  await(end);
  sleep_ms(20);
  receive_to_end(end);
}

static void fast_open_client(struct end *end) {
  connect_with_data(end, end->options->size);
  for (size_t i = 0; i < end->options->rounds; i++) send_bytes(end, end->options->size);
  struct tcp_info info;
  socklen_t length = sizeof info;
  if (getsockopt(end->fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) fail("TCP_INFO");
  report(end, "synData", (info.tcpi_options & TCPI_OPT_SYN_DATA) != 0);
  close(end->fd);
  tell(end);
}

// --- forge: a SYN that no TCP socket has sent

static void forge_server(struct end *end) {
  phase("wait for a forged SYN");
  await(end);
}

static void forge_client(struct end *end) {
  forge_syn(end);
  sleep_ms(50);
  tell(end);
}

const struct scenario scenarios[] = {
    {"exchange", "requests and responses", exchange_server, exchange_client},
    {"eager", "connections whose ends write at once", eager_server, eager_client},
    {"write-close", "the client writes and closes, the server reads later", write_close_server, write_close_client},
    {"server-write-close", "the server writes and closes, the client reads later", server_write_close_server, server_write_close_client},
    {"half-close", "a response after the client shut its side down", half_close_server, half_close_client},
    {"half-close-early", "a response read after both sides closed", half_close_early_server, half_close_early_client},
    {"reset", "the client aborts, the server reads later", reset_server, reset_client},
    {"server-first", "the server speaks first", server_first_server, server_first_client},
    {"peek", "MSG_PEEK", peek_server, peek_client},
    {"epoll-edge", "edge-triggered epoll", epoll_server, epoll_client},
    {"low-water", "SO_RCVLOWAT", low_water_server, low_water_client},
    {"wait-all", "MSG_WAITALL", wait_all_server, wait_all_client},
    {"unread", "FIONREAD", unread_server, unread_client},
    {"never-reads", "a reader that never reads", never_reads_server, never_reads_client},
    {"writes-never-reads", "a reader that never reads but writes", writes_never_reads_server, writes_never_reads_client},
    {"answer-unread", "answers to what was not read", answer_unread_server, answer_unread_client},
    {"splice", "splice(2) from the receiving socket", splice_server, splice_client},
    {"fast-open", "data in the SYN", fast_open_server, fast_open_client},
    {"forge", "a SYN from a raw socket", forge_server, forge_client},
    {NULL, NULL, NULL, NULL},
};
