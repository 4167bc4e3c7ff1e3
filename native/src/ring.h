#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "descriptor.h"

namespace tsbpf {

/// The consumer's side of a BPF_MAP_TYPE_RINGBUF: its memory, and an epoll descriptor that is readable when records were committed.
/// The layout is that of kernel/bpf/ringbuf.c: a page with the consumer's position, which we write; a page with the producer's; then the
/// data twice, so that a record that wraps around is whole in memory.
class Ring {
 public:
  struct Record {
    const uint8_t* data;
    uint32_t size;
  };
  struct Batch {
    std::vector<Record> records;
    /// Where the consumer is after these.
    unsigned long next = 0;
    /// Whether a limit, rather than the end of what is committed, ended it.
    bool more = false;
  };

  /// Takes over a descriptor of the map. Returns a positive error.
  int Open(OwnedFd map, uint32_t size);
  Ring() = default;
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  int epoll() const { return epoll_.get(); }
  unsigned long ProducerPosition() const;
  /// The committed records from the consumer's position to `until`, at least one if there is one, then within the limits. Their memory is the
  /// kernel's until `Release`.
  Batch Peek(unsigned long until, size_t records, size_t bytes) const;
  /// Gives the memory up to `position` back to the kernel. True where a record has been committed in the meantime whose wake-up the kernel
  /// may have left out, as it saw us still busy.
  bool Release(unsigned long position);
  /// Forgets that the epoll descriptor was readable. It is edge-triggered: a record that is reserved and not committed yet makes the map
  /// readable for as long as that takes (ringbuf_map_poll), and must not spin the event loop.
  void Drain();
  /// Makes the epoll descriptor readable again if anything is in the ring.
  void Rearm();

 private:
  OwnedFd map_;
  OwnedFd epoll_;
  unsigned long* consumer_ = nullptr;
  unsigned long* producer_ = nullptr;
  const uint8_t* data_ = nullptr;
  size_t page_ = 0;
  size_t size_ = 0;
};

}  // namespace tsbpf
