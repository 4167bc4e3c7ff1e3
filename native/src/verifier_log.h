#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace tsbpf {

/// Room for what the verifier writes: 16 MiB of address space, the kernel's own limit up to 5.1 and libbpf's default, of which only the
/// pages written to take memory. So a log never has to be asked for again with a larger buffer, and twenty programs cost nothing.
class VerifierLog {
 public:
  /// Takes less where the address space is limited, down to nothing.
  VerifierLog();
  ~VerifierLog();
  VerifierLog(VerifierLog&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  VerifierLog(const VerifierLog&) = delete;
  VerifierLog& operator=(const VerifierLog&) = delete;

  char* data() { return data_; }
  uint32_t size() const { return size_; }
  std::string_view text() const;

 private:
  char* data_ = nullptr;
  uint32_t size_ = 0;
};

}  // namespace tsbpf
