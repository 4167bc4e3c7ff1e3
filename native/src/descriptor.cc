#include "descriptor.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "addon.h"
#include "error.h"
#include "value.h"

namespace tsbpf {
namespace {

// Any other addon's objects, and this addon's other classes, lack it: what is unwrapped is what it is taken for.
constexpr napi_type_tag kTag = {0x5d1c6a3f9e2b4780, 0xa4c0f7d2186e3b95};

const char* Name(Kind kind) {
  switch (kind) {
    case Kind::kMap:
      return "map";
    case Kind::kProgram:
      return "program";
    case Kind::kLink:
      return "link";
    case Kind::kBtf:
      return "BTF object";
    default:
      return "BPF object";
  }
}

// The kernel names its anonymous inodes in kernel/bpf/syscall.c (bpf_map_new_fd and others) and kernel/bpf/btf.c (__btf_new_fd).
Kind KindOf(Napi::Env env, const char* operation, int fd) {
  char target[64] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  if (readlink(link.c_str(), target, sizeof target - 1) < 0) {
    Throw(env, operation, errno, "what the descriptor is cannot be read from " + link + " (is /proc mounted?)");
  }
  const std::string_view name = target;
  if (name.find("bpf-map") != name.npos) return Kind::kMap;
  if (name.find("bpf-prog") != name.npos) return Kind::kProgram;
  // The first where it was made, the second where it was looked up (bpf_link_prime, bpf_link_new_fd).
  if (name.find("bpf_link") != name.npos || name.find("bpf-link") != name.npos) return Kind::kLink;
  if (name == "anon_inode:btf" || name == "anon_inode:[btf]") return Kind::kBtf;
  return Kind::kOther;
}

// kernel/bpf/syscall.c: bpf_map_value_size().
bool IsPerCpu(uint32_t type) {
  return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
         type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
}

}  // namespace

void OwnedFd::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

OwnedFd Duplicate(int fd) { return OwnedFd(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

uint32_t PossibleCpus(Napi::Env env) {
  return static_cast<uint32_t>(Check(env, "read possible CPUs", libbpf_num_possible_cpus()));
}

Napi::Function Descriptor::Define(Napi::Env env) {
  Napi::Function constructor = DefineClass(env, "Descriptor",
                                           {
                                               InstanceAccessor<&Descriptor::GetFd>("fd", napi_enumerable),
                                               InstanceAccessor<&Descriptor::GetClosed>("closed", napi_enumerable),
                                               InstanceMethod<&Descriptor::Close>("close"),
                                           });
  Environment::Of(env).descriptor = Napi::Persistent(constructor);
  return constructor;
}

Napi::Object Descriptor::Make(Napi::Env env, OwnedFd fd, Kind kind) {
  Environment& environment = Environment::Of(env);
  PendingDescriptor pending{std::move(fd), kind};
  PendingDescriptor* const outer = std::exchange(environment.pending, &pending);
  try {
    Napi::Object made = environment.descriptor.New({});
    environment.pending = outer;
    return made;
  } catch (...) {
    environment.pending = outer;
    throw;
  }
}

Descriptor::Descriptor(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  PendingDescriptor* const pending = std::exchange(Environment::Of(info.Env()).pending, nullptr);
  if (pending == nullptr) ThrowType(info.Env(), "a Descriptor cannot be constructed");
  fd_ = std::move(pending->fd);
  kind_ = pending->kind;
  info.This().As<Napi::Object>().TypeTag(&kTag);
}

Descriptor& Descriptor::From(const Napi::Value& value, const char* what) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTag)) {
    ThrowType(value.Env(), std::string(what) + " must be a Descriptor");
  }
  return *Unwrap(value.As<Napi::Object>());
}

int Descriptor::Get(const char* operation) {
  if (!fd_.open()) Throw(Env(), operation, EBADF, "the descriptor is closed");
  return fd_.get();
}

int Descriptor::Get(const char* operation, Kind wanted) {
  const int fd = Get(operation);
  if (kind_ == Kind::kUnknown) kind_ = KindOf(Env(), operation, fd);
  if (kind_ != wanted) Throw(Env(), operation, EINVAL, std::string("the descriptor is not a ") + Name(wanted) + "'s");
  return fd;
}

Kind Descriptor::kind() {
  if (kind_ == Kind::kUnknown) kind_ = KindOf(Env(), "read descriptor", Get("read descriptor"));
  return kind_;
}

const MapShape& Descriptor::Map(const char* operation) {
  const int fd = Get(operation, Kind::kMap);
  if (!map_) {
    bpf_map_info map = {};
    uint32_t length = sizeof map;
    Check(Env(), "obj_get_info_by_fd", bpf_obj_get_info_by_fd(fd, &map, &length));
    size_t bytes = map.value_size;
    if (IsPerCpu(map.type)) bytes = (bytes + 7) / 8 * 8 * PossibleCpus(Env());
    map_ = MapShape{map.type, map.key_size, map.value_size, map.max_entries, bytes};
  }
  return *map_;
}

Napi::Value Descriptor::GetFd(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), Get("descriptor")); }

Napi::Value Descriptor::GetClosed(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), !fd_.open());
}

void Descriptor::Close(const Napi::CallbackInfo&) { fd_.Close(); }

}  // namespace tsbpf
