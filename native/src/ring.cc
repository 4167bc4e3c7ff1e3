#include "ring.h"

#include <linux/bpf.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace tsbpf {
namespace {

// A record's length with its header, as the next one's distance (kernel/bpf/ringbuf.c: __bpf_ringbuf_reserve).
size_t Stride(uint32_t size) { return (size_t{size} + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8; }

}  // namespace

int Ring::Open(OwnedFd map, uint32_t size) {
  map_ = std::move(map);
  size_ = size;
  page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* consumer = mmap(nullptr, page_, PROT_READ | PROT_WRITE, MAP_SHARED, map_.get(), 0);
  if (consumer == MAP_FAILED) return errno;
  consumer_ = static_cast<unsigned long*>(consumer);
  void* producer = mmap(nullptr, page_ + 2 * size_, PROT_READ, MAP_SHARED, map_.get(), static_cast<off_t>(page_));
  if (producer == MAP_FAILED) return errno;
  producer_ = static_cast<unsigned long*>(producer);
  data_ = static_cast<const uint8_t*>(producer) + page_;

  epoll_ = OwnedFd(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.open()) return errno;
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLET;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, map_.get(), &event) == 0 ? 0 : errno;
}

Ring::~Ring() {
  if (consumer_ != nullptr) munmap(consumer_, page_);
  if (producer_ != nullptr) munmap(producer_, page_ + 2 * size_);
}

unsigned long Ring::ProducerPosition() const { return std::atomic_ref(*producer_).load(std::memory_order_acquire); }

Ring::Batch Ring::Peek(unsigned long until, size_t records, size_t bytes) const {
  Batch batch;
  batch.next = std::atomic_ref(*consumer_).load(std::memory_order_acquire);
  size_t total = 0;
  while (static_cast<long>(until - batch.next) > 0) {
    const uint8_t* const header = data_ + (batch.next & (size_ - 1));
    auto* const length = reinterpret_cast<uint32_t*>(const_cast<uint8_t*>(header));
    const uint32_t word = std::atomic_ref(*length).load(std::memory_order_acquire);
    if ((word & BPF_RINGBUF_BUSY_BIT) != 0) break;
    const uint32_t size = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    // Only another consumer of the same map, which moved the position under us, can make this of what the kernel wrote. What is left of
    // the batch is lost to that one: to stop here would find the same word again and again.
    if (Stride(size) > size_) {
      batch.next = until;
      break;
    }
    if ((word & BPF_RINGBUF_DISCARD_BIT) == 0) {
      if (!batch.records.empty() && (batch.records.size() >= records || total + size > bytes)) {
        batch.more = true;
        break;
      }
      batch.records.push_back({header + BPF_RINGBUF_HDR_SZ, size});
      total += size;
    }
    batch.next += Stride(size);
  }
  return batch;
}

bool Ring::Release(unsigned long position) {
  std::atomic_ref(*consumer_).store(position, std::memory_order_release);
  // The kernel commits a record and then looks at our position: it wakes us only if that is the record's (bpf_ringbuf_commit). We must
  // look at the record only after our position is there to be seen, or each could miss the other.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (static_cast<long>(ProducerPosition() - position) <= 0) return false;
  auto* const length = reinterpret_cast<uint32_t*>(const_cast<uint8_t*>(data_ + (position & (size_ - 1))));
  return (std::atomic_ref(*length).load(std::memory_order_acquire) & BPF_RINGBUF_BUSY_BIT) == 0;
}

void Ring::Drain() {
  epoll_event event;
  epoll_wait(epoll_.get(), &event, 1, 0);
}

void Ring::Rearm() {
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLET;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, map_.get(), &event);
}

}  // namespace tsbpf
