#pragma once

#include <napi.h>

#include <cstdint>
#include <optional>
#include <utility>

namespace tsbpf {

/// A file descriptor with one owner.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedFd() { Close(); }

  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void Close();

 private:
  int fd_ = -1;
};

/// A second descriptor of the same thing, with CLOEXEC. Not open, with `errno` set, where there is none to be had.
OwnedFd Duplicate(int fd);

enum class Kind : uint8_t { kUnknown, kMap, kProgram, kLink, kBtf, kOther };

struct PendingDescriptor {
  OwnedFd fd;
  Kind kind;
};

/// What is needed to know how many bytes the kernel reads and writes in a map operation.
struct MapShape {
  uint32_t type;
  uint32_t key_size;
  uint32_t value_size;
  uint32_t max_entries;
  /// As copied to and from user space: for per-CPU maps the values of all possible CPUs, each rounded up to 8 bytes.
  size_t value_bytes;
};

class Descriptor : public Napi::ObjectWrap<Descriptor> {
 public:
  static Napi::Function Define(Napi::Env env);
  /// Wraps the descriptor, which it owns from here on, also when this throws.
  static Napi::Object Make(Napi::Env env, OwnedFd fd, Kind kind);
  /// Throws a TypeError where the value is anything else.
  static Descriptor& From(const Napi::Value& value, const char* what);

  /// Only for `Make`: JavaScript cannot construct one.
  explicit Descriptor(const Napi::CallbackInfo& info);

  /// Throws EBADF once closed.
  int Get(const char* operation);
  /// Throws EINVAL too where it is another kind of thing. The kernel would take a program's information for a map's.
  int Get(const char* operation, Kind kind);
  /// The map's sizes, as the kernel says; asked for once, as they cannot change while the descriptor is open.
  const MapShape& Map(const char* operation);
  Kind kind();

 private:
  Napi::Value GetFd(const Napi::CallbackInfo& info);
  Napi::Value GetClosed(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  OwnedFd fd_;
  Kind kind_ = Kind::kUnknown;
  std::optional<MapShape> map_;
};

/// How many CPUs there may ever be. Throws where /sys does not say.
uint32_t PossibleCpus(Napi::Env env);

}  // namespace tsbpf
