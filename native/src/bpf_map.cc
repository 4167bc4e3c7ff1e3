// Operations on maps by descriptor. The kernel copies as many bytes as the map's own sizes say, whatever the caller thinks they are, so
// every buffer is measured against them first.

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "addon.h"
#include "error.h"
#include "value.h"

namespace tsbpf {
namespace {

// More than any sensible batch, and small enough for an allocation that fails to be the caller's mistake.
constexpr uint64_t kBatchBytes = uint64_t{1} << 30;

/// Memory the kernel fills: on the stack for what is usual, so that a miss allocates nothing.
class Scratch {
 public:
  explicit Scratch(size_t size) {
    if (size > sizeof stack_) heap_ = std::make_unique_for_overwrite<uint8_t[]>(size);
  }
  uint8_t* data() { return heap_ ? heap_.get() : stack_; }

 private:
  alignas(8) uint8_t stack_[512];
  std::unique_ptr<uint8_t[]> heap_;
};

[[noreturn]] void ThrowSize(Napi::Env env, const char* operation, const char* what, uint64_t given, uint64_t wanted) {
  Throw(env, operation, EINVAL,
        std::string(what) + " of " + std::to_string(given) + " bytes where the map has " + std::to_string(wanted));
}

Bytes Key(const Napi::Value& value, const MapShape& map, const char* operation) {
  const Bytes key = ToBytes(value, "key");
  if (key.size != map.key_size) ThrowSize(value.Env(), operation, "a key", key.size, map.key_size);
  return key;
}

// Queues and stacks have no key: there the kernel takes only a null pointer (kernel/bpf/syscall.c: __bpf_copy_key).
const void* KeyPointer(const Bytes& key) { return key.size == 0 ? nullptr : key.data; }

void CheckValueSize(Napi::Env env, const char* operation, uint64_t given, const MapShape& map) {
  if (given != map.value_bytes) ThrowSize(env, operation, "a value", given, map.value_bytes);
}

// Element number `count` is the last that a batch may have: its bytes must be there in full.
void CheckBatch(Napi::Env env, const char* operation, const char* what, const Bytes& bytes, uint64_t each, uint32_t count) {
  if (bytes.size != each * count) {
    Throw(env, operation, EINVAL,
          std::to_string(bytes.size) + " bytes of " + what + " where " + std::to_string(count) + " take " +
              std::to_string(each * count));
  }
}

Napi::Value LookupWith(const Napi::CallbackInfo& info, const char* operation,
                       int (*call)(int, const void*, void*, __u64)) {
  const Napi::Env env = info.Env();
  Descriptor& descriptor = Descriptor::From(info[0], "map");
  const MapShape& map = descriptor.Map(operation);
  const Bytes key = Key(info[1], map, operation);
  CheckValueSize(env, operation, ToUint32(info[2], "valueSize"), map);
  const uint64_t flags = ToUint64Or(info[3], "flags", 0);
  Scratch value(map.value_bytes);
  const int result = call(descriptor.Get(operation), KeyPointer(key), value.data(), flags);
  if (result == -ENOENT) return env.Undefined();
  Check(env, operation, result);
  return CopyBytes(env, value.data(), map.value_bytes);
}

Napi::Value MapLookup(const Napi::CallbackInfo& info) {
  return LookupWith(info, "map_lookup_elem", bpf_map_lookup_elem_flags);
}

Napi::Value MapLookupAndDelete(const Napi::CallbackInfo& info) {
  return LookupWith(info, "map_lookup_and_delete_elem", bpf_map_lookup_and_delete_elem_flags);
}

void MapUpdate(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "map_update_elem";
  Descriptor& descriptor = Descriptor::From(info[0], "map");
  const MapShape& map = descriptor.Map(operation);
  const Bytes key = Key(info[1], map, operation);
  const Bytes value = ToBytes(info[2], "value");
  CheckValueSize(info.Env(), operation, value.size, map);
  const uint64_t flags = ToUint64Or(info[3], "flags", 0);
  Check(info.Env(), operation, bpf_map_update_elem(descriptor.Get(operation), KeyPointer(key), value.data, flags));
}

Napi::Value MapDelete(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "map_delete_elem";
  Descriptor& descriptor = Descriptor::From(info[0], "map");
  const Bytes key = Key(info[1], descriptor.Map(operation), operation);
  const int result = bpf_map_delete_elem(descriptor.Get(operation), KeyPointer(key));
  if (result != -ENOENT) Check(info.Env(), operation, result);
  return Napi::Boolean::New(info.Env(), result == 0);
}

Napi::Value MapNextKey(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "map_get_next_key";
  const Napi::Env env = info.Env();
  Descriptor& descriptor = Descriptor::From(info[0], "map");
  const MapShape& map = descriptor.Map(operation);
  const Bytes key = info[1].IsUndefined() ? Bytes() : Key(info[1], map, operation);
  if (const uint32_t size = ToUint32(info[2], "keySize"); size != map.key_size) {
    ThrowSize(env, operation, "a key", size, map.key_size);
  }
  Scratch next(map.key_size);
  const int result = bpf_map_get_next_key(descriptor.Get(operation), KeyPointer(key), next.data());
  if (result == -ENOENT) return env.Undefined();
  Check(env, operation, result);
  return CopyBytes(env, next.data(), map.key_size);
}

Napi::Value MapLookupBatch(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Value remove = Field(info[5], "delete");
  const bool deleting = !remove.IsUndefined() && ToBool(remove, "delete");
  const char* const operation = deleting ? "map_lookup_and_delete_batch" : "map_lookup_batch";
  Descriptor& descriptor = Descriptor::From(info[0], "map");
  const MapShape& map = descriptor.Map(operation);
  uint32_t count = ToUint32(info[2], "count");
  if (const uint32_t size = ToUint32(info[3], "keySize"); size != map.key_size) {
    ThrowSize(env, operation, "a key", size, map.key_size);
  }
  CheckValueSize(env, operation, ToUint32(info[4], "valueSize"), map);
  if (count == 0) Throw(env, operation, EINVAL, "a batch of no elements");
  count = std::min(count, std::max(map.max_entries, uint32_t{1}));
  if (count * (map.key_size + uint64_t{map.value_bytes}) > kBatchBytes) {
    Throw(env, operation, E2BIG, "a batch of more than 1 GiB");
  }

  // Hash maps keep a bucket's number in it, all others a key (tools/lib/bpf/bpf.h: bpf_map_lookup_batch).
  const size_t cursor_size = std::max<size_t>(map.key_size, sizeof(uint32_t));
  const Bytes cursor = ToBytesOr(info[1], "cursor");
  const bool first = info[1].IsUndefined();
  if (!first && cursor.size != cursor_size) ThrowSize(env, operation, "a cursor", cursor.size, cursor_size);
  Scratch from(cursor_size);
  Scratch next(cursor_size);
  if (!first) std::copy_n(cursor.data, cursor_size, from.data());

  const auto keys = std::make_unique_for_overwrite<uint8_t[]>(size_t{count} * map.key_size);
  const auto values = std::make_unique_for_overwrite<uint8_t[]>(count * map.value_bytes);
  bpf_map_batch_opts options = {};
  options.sz = sizeof options;
  const auto call = deleting ? bpf_map_lookup_and_delete_batch : bpf_map_lookup_batch;
  const int result = call(descriptor.Get(operation), first ? nullptr : from.data(), next.data(), keys.get(), values.get(),
                          &count, &options);
  // ENOENT is the last batch, which may have elements.
  if (result != -ENOENT) Check(env, operation, result);

  Napi::Object batch = Napi::Object::New(env);
  batch.Set("count", Napi::Number::New(env, count));
  batch.Set("keys", CopyBytes(env, keys.get(), size_t{count} * map.key_size));
  batch.Set("values", CopyBytes(env, values.get(), count * map.value_bytes));
  batch.Set("cursor", result == -ENOENT ? env.Undefined() : Napi::Value(CopyBytes(env, next.data(), cursor_size)));
  return batch;
}

Napi::Value FinishBatch(Napi::Env env, const char* operation, int result, uint32_t asked, uint32_t done) {
  if (result < 0) {
    Napi::Error error = MakeError(env, operation, -result);
    // The kernel leaves the number alone when it refuses before the first element, and gives none with EFAULT.
    error.Set("count", Napi::Number::New(env, done >= asked || result == -EFAULT ? 0 : done));
    throw error;
  }
  return Napi::Number::New(env, done);
}

Napi::Value MapUpdateBatch(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "map_update_batch";
  Descriptor& descriptor = Descriptor::From(info[0], "map");
  const MapShape& map = descriptor.Map(operation);
  const Bytes keys = ToBytes(info[1], "keys");
  const Bytes values = ToBytes(info[2], "values");
  const uint32_t count = ToUint32(info[3], "count");
  CheckBatch(info.Env(), operation, "keys", keys, map.key_size, count);
  CheckBatch(info.Env(), operation, "values", values, map.value_bytes, count);
  bpf_map_batch_opts options = {};
  options.sz = sizeof options;
  options.elem_flags = ToUint64Or(info[4], "flags", 0);
  uint32_t done = count;
  const int result = bpf_map_update_batch(descriptor.Get(operation), keys.data, values.data, &done, &options);
  return FinishBatch(info.Env(), operation, result, count, done);
}

Napi::Value MapDeleteBatch(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "map_delete_batch";
  Descriptor& descriptor = Descriptor::From(info[0], "map");
  const MapShape& map = descriptor.Map(operation);
  const Bytes keys = ToBytes(info[1], "keys");
  const uint32_t count = ToUint32(info[2], "count");
  CheckBatch(info.Env(), operation, "keys", keys, map.key_size, count);
  bpf_map_batch_opts options = {};
  options.sz = sizeof options;
  uint32_t done = count;
  const int result = bpf_map_delete_batch(descriptor.Get(operation), keys.data, &done, &options);
  return FinishBatch(info.Env(), operation, result, count, done);
}

void MapFreeze(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "map_freeze";
  Check(info.Env(), operation, bpf_map_freeze(Descriptor::From(info[0], "map").Get(operation, Kind::kMap)));
}

Napi::Value MapCreate(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "map_create";
  const Napi::Env env = info.Env();
  const Napi::Value shape = info[0];
  const uint32_t type = ToUint32(Field(shape, "type"), "type");
  const Napi::Value name_value = Field(shape, "name");
  const std::string name = name_value.IsUndefined() ? "" : ToText(name_value, "name");
  const uint32_t key_size = ToUint32(Field(shape, "keySize"), "keySize");
  const uint32_t value_size = ToUint32(Field(shape, "valueSize"), "valueSize");
  const uint32_t max_entries = ToUint32(Field(shape, "maxEntries"), "maxEntries");
  bpf_map_create_opts options = {};
  options.sz = sizeof options;
  options.map_flags = ToUint32Or(Field(shape, "flags"), "flags", 0);
  options.btf_key_type_id = ToUint32Or(Field(shape, "keyTypeId"), "keyTypeId", 0);
  options.btf_value_type_id = ToUint32Or(Field(shape, "valueTypeId"), "valueTypeId", 0);
  const Napi::Value inner = Field(shape, "innerMap");
  const Napi::Value btf = Field(shape, "btf");
  if (!inner.IsUndefined()) {
    options.inner_map_fd = static_cast<uint32_t>(Descriptor::From(inner, "innerMap").Get(operation, Kind::kMap));
  }
  if (!btf.IsUndefined()) options.btf_fd = static_cast<uint32_t>(Descriptor::From(btf, "btf").Get(operation, Kind::kBtf));
  const LogScope log(env);
  OwnedFd fd(Check(env, operation,
                   bpf_map_create(static_cast<bpf_map_type>(type), name.empty() ? nullptr : name.c_str(), key_size,
                                  value_size, max_entries, &options)));
  return Descriptor::Make(env, std::move(fd), Kind::kMap);
}

Napi::Value MapInfo(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "obj_get_info_by_fd";
  const Napi::Env env = info.Env();
  const int fd = Descriptor::From(info[0], "map").Get(operation, Kind::kMap);
  bpf_map_info map = {};
  uint32_t length = sizeof map;
  Check(env, operation, bpf_obj_get_info_by_fd(fd, &map, &length));
  Napi::Object result = Napi::Object::New(env);
  result.Set("id", Napi::Number::New(env, map.id));
  result.Set("type", Napi::Number::New(env, map.type));
  result.Set("name", Napi::String::New(env, map.name, strnlen(map.name, sizeof map.name)));
  result.Set("keySize", Napi::Number::New(env, map.key_size));
  result.Set("valueSize", Napi::Number::New(env, map.value_size));
  result.Set("maxEntries", Napi::Number::New(env, map.max_entries));
  result.Set("flags", Napi::Number::New(env, map.map_flags));
  result.Set("btfId", Napi::Number::New(env, map.btf_id));
  result.Set("keyTypeId", Napi::Number::New(env, map.btf_key_type_id));
  result.Set("valueTypeId", Napi::Number::New(env, map.btf_value_type_id));
  return result;
}

Napi::Value PossibleCpuCount(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), PossibleCpus(info.Env()));
}

}  // namespace

void DefineMaps(Napi::Env env, Napi::Object exports) {
  exports.Set("mapLookup", Napi::Function::New(env, MapLookup, "mapLookup"));
  exports.Set("mapLookupAndDelete", Napi::Function::New(env, MapLookupAndDelete, "mapLookupAndDelete"));
  exports.Set("mapUpdate", Napi::Function::New(env, MapUpdate, "mapUpdate"));
  exports.Set("mapDelete", Napi::Function::New(env, MapDelete, "mapDelete"));
  exports.Set("mapNextKey", Napi::Function::New(env, MapNextKey, "mapNextKey"));
  exports.Set("mapLookupBatch", Napi::Function::New(env, MapLookupBatch, "mapLookupBatch"));
  exports.Set("mapUpdateBatch", Napi::Function::New(env, MapUpdateBatch, "mapUpdateBatch"));
  exports.Set("mapDeleteBatch", Napi::Function::New(env, MapDeleteBatch, "mapDeleteBatch"));
  exports.Set("mapFreeze", Napi::Function::New(env, MapFreeze, "mapFreeze"));
  exports.Set("mapCreate", Napi::Function::New(env, MapCreate, "mapCreate"));
  exports.Set("mapInfo", Napi::Function::New(env, MapInfo, "mapInfo"));
  exports.Set("possibleCpus", Napi::Function::New(env, PossibleCpuCount, "possibleCpus"));
}

}  // namespace tsbpf
