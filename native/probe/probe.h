// One end of a TCP connection under test: what it was asked to do, how it tells its other end and its parent how far it is.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct options {
  const char *address;               // where the server listens
  int port, client_port;             // 0: the kernel's choice
  const char *to_address;            // where the client connects, if not there
  int to_port;
  size_t size, rounds;               // what they count is the scenario's business
  int seconds;                       // after which the probe gives up
  int low_water;                     // SO_RCVLOWAT of the listener, where not 0
  bool extension;                    // the client's IPv6 packets carry an extension header
  bool pause;                        // once connected, print a line and wait for one
  const char *cgroup[2], *netns[2];  // by role
};

enum role { SERVER, CLIENT };

// A payload is a function of its seed and of each byte's position, so that a byte lost, doubled or moved changes the digest.
struct stream {
  uint64_t seed, position, digest;
};

struct end {
  const struct options *options;
  enum role role;
  int listener; // server only, while it accepts
  int fd;       // the connection
  int to_other, from_other;
  struct stream sent, received;
};

typedef void scenario_end(struct end *end);

struct scenario {
  const char *name, *what;
  scenario_end *server, *client;
};

extern const struct scenario scenarios[];

// Reporting. Each fact is one line `role.name=value` on standard output, written at once: the two ends share it.
void report(struct end *end, const char *name, long long value);
void report_text(struct end *end, const char *name, const char *value);
void phase(const char *what); // named if the time is up
void fail(const char *operation) __attribute__((noreturn));

// Each call of `tell` lets one call of `await` on the other end return.
void tell(struct end *end);
void await(struct end *end);

void accept_one(struct end *end);
void connect_one(struct end *end);
void connect_with_data(struct end *end, size_t length); // TCP Fast Open: the SYN carries the stream's first bytes
void forge_syn(struct end *end); // to the server, from `client_port`, by a raw socket

// Blocking; `fail` on an error that the caller did not ask for.
void send_bytes(struct end *end, size_t length);
bool receive_bytes(struct end *end, size_t length); // false where the stream ended before
size_t receive_to_end(struct end *end);
void take(struct end *end, const unsigned char *bytes, size_t length); // account for received bytes
void fill(struct stream *stream, unsigned char *bytes, size_t length);
void sleep_ms(int ms);
void set_nonblocking(int fd);
