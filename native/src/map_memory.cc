// Writing part of a map's memory. A map update copies a whole value, so changing one of the variables in .bss would put back what programs
// have changed in the others since it was read; through a mapping only the variable's own bytes are written.

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "addon.h"
#include "error.h"
#include "value.h"

namespace tsbpf {
namespace {

class Mapping {
 public:
  Mapping(int fd, size_t size) : size_(size), address_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (ok()) munmap(address_, size_);
  }
  bool ok() const { return address_ != MAP_FAILED; }
  uint8_t* data() const { return static_cast<uint8_t*>(address_); }

 private:
  size_t size_;
  void* address_;
};

template <typename T>
void StoreAs(uint8_t* target, const uint8_t* source) {
  T value;
  std::memcpy(&value, source, sizeof value);
  __atomic_store_n(reinterpret_cast<T*>(target), value, __ATOMIC_RELAXED);
}

// A scalar is written in one piece: a program sees the old value or the new one. What is larger may be seen half written.
void Store(uint8_t* target, const Bytes& source) {
  const bool aligned = source.size != 0 && reinterpret_cast<uintptr_t>(target) % source.size == 0;
  if (aligned && source.size == 8) return StoreAs<uint64_t>(target, source.data);
  if (aligned && source.size == 4) return StoreAs<uint32_t>(target, source.data);
  if (aligned && source.size == 2) return StoreAs<uint16_t>(target, source.data);
  if (source.size != 0) std::memcpy(target, source.data, source.size);
}

void MapWriteAt(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "map_mmap";
  const Napi::Env env = info.Env();
  Descriptor& descriptor = Descriptor::From(info[0], "map");
  const MapShape& map = descriptor.Map(operation);
  const uint64_t offset = ToUint32(info[1], "offset");
  const Bytes bytes = ToBytes(info[2], "bytes");
  if (map.max_entries != 1 || offset + bytes.size > map.value_bytes) {
    Throw(env, operation, EINVAL, "the bytes lie outside the map's one value");
  }
  // As kernel/bpf/arraymap.c, array_map_mmap, which takes whole pages up to the end of the values.
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const Mapping mapping(descriptor.Get(operation), (map.value_bytes + page - 1) / page * page);
  if (!mapping.ok()) Throw(env, operation, errno);
  Store(mapping.data() + offset, bytes);
}

}  // namespace

void DefineMapMemory(Napi::Env env, Napi::Object exports) {
  exports.Set("mapWriteAt", Napi::Function::New(env, MapWriteAt, "mapWriteAt"));
}

}  // namespace tsbpf
