#include "verifier_log.h"

#include <sys/mman.h>

#include <cstring>

namespace tsbpf {
namespace {

// kernel/bpf/verifier.c took at most UINT_MAX >> 8 bytes before 5.2, one less than 16 MiB.
constexpr uint32_t kLargest = 0xffffff;
constexpr uint32_t kSmallest = 0xffff;

}  // namespace

VerifierLog::VerifierLog() {
  for (uint32_t size = kLargest; size >= kSmallest; size >>= 1) {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) continue;
    data_ = static_cast<char*>(memory);
    size_ = size;
    return;
  }
}

VerifierLog::~VerifierLog() {
  if (data_ != nullptr) munmap(data_, size_);
}

std::string_view VerifierLog::text() const {
  return data_ == nullptr ? std::string_view() : std::string_view(data_, strnlen(data_, size_));
}

}  // namespace tsbpf
