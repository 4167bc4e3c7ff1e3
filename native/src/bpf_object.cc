#include "bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "addon.h"
#include "error.h"
#include "value.h"
#include "verifier_log.h"

namespace tsbpf {
namespace {

// libbpf.c, internal_map_name(): up to seven characters of the object's name and the section's.
std::string SectionName(const bpf_map* map) {
  const std::string name = bpf_map__name(map);
  return bpf_map__is_internal(map) && !name.starts_with('.') ? name.substr(name.rfind('.')) : name;
}

Napi::Object Summary(Napi::Env env, const std::string& given, bpf_map* map) {
  Napi::Object summary = Napi::Object::New(env);
  const auto number = [&](const char* name, uint32_t value) { summary.Set(name, Napi::Number::New(env, value)); };
  summary.Set("name", Napi::String::New(env, given));
  number("type", bpf_map__type(map));
  number("keySize", bpf_map__key_size(map));
  number("valueSize", bpf_map__value_size(map));
  number("maxEntries", bpf_map__max_entries(map));
  number("flags", bpf_map__map_flags(map));
  number("numaNode", bpf_map__numa_node(map));
  number("keyTypeId", bpf_map__btf_key_type_id(map));
  number("valueTypeId", bpf_map__btf_value_type_id(map));
  if (const char* path = bpf_map__pin_path(map)) summary.Set("pinPath", Napi::String::New(env, path));
  const bool internal = bpf_map__is_internal(map) || bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS;
  summary.Set("internal", Napi::Boolean::New(env, internal));
  if (internal) {
    size_t size = 0;
    if (const void* initial = bpf_map__initial_value(map, &size)) summary.Set("initial", CopyBytes(env, initial, size));
  }
  return summary;
}

Napi::Object Summary(Napi::Env env, const bpf_program* program) {
  Napi::Object summary = Napi::Object::New(env);
  const auto number = [&](const char* name, double value) { summary.Set(name, Napi::Number::New(env, value)); };
  summary.Set("name", Napi::String::New(env, bpf_program__name(program)));
  summary.Set("section", Napi::String::New(env, bpf_program__section_name(program)));
  number("type", bpf_program__type(program));
  number("expectedAttachType", bpf_program__expected_attach_type(program));
  summary.Set("autoload", Napi::Boolean::New(env, bpf_program__autoload(program)));
  number("instructionCount", static_cast<double>(bpf_program__insn_cnt(program)));
  return summary;
}

// The kernel says no to one program, and libbpf says which: "prog 'NAME': BPF program load failed: …" (libbpf.c: bpf_object_load_prog).
std::string RefusedProgram(std::string_view log) {
  const size_t end = log.rfind("': BPF program load failed");
  if (end == log.npos) return {};
  constexpr std::string_view before = "prog '";
  const size_t start = log.rfind(before, end);
  return start == log.npos ? std::string() : std::string(log.substr(start + before.size(), end - start - before.size()));
}

}  // namespace

Napi::Function BpfObject::Define(Napi::Env env) {
  return DefineClass(env, "BpfObject",
                     {
                         InstanceAccessor<&BpfObject::Maps>("maps", napi_enumerable),
                         InstanceAccessor<&BpfObject::Programs>("programs", napi_enumerable),
                         InstanceMethod<&BpfObject::EditMap>("editMap"),
                         InstanceMethod<&BpfObject::EditProgram>("editProgram"),
                         InstanceMethod<&BpfObject::Load>("load"),
                         InstanceMethod<&BpfObject::MapDescriptor>("mapDescriptor"),
                         InstanceMethod<&BpfObject::ProgramDescriptor>("programDescriptor"),
                         InstanceMethod<&BpfObject::ProgramLog>("programLog"),
                         InstanceMethod<&BpfObject::BtfDescriptor>("btfDescriptor"),
                         InstanceMethod<&BpfObject::Close>("close"),
                     });
}

BpfObject::BpfObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  constexpr const char* operation = "object_open";
  const Napi::Env env = info.Env();
  const std::string name = ToText(Field(info[1], "name"), "name");
  const Napi::Value pin_root_value = Field(info[1], "pinRoot");
  const Napi::Value btf_path_value = Field(info[1], "kernelBtfPath");
  const std::string pin_root = pin_root_value.IsUndefined() ? "" : ToText(pin_root_value, "pinRoot");
  const std::string btf_path = btf_path_value.IsUndefined() ? "" : ToText(btf_path_value, "kernelBtfPath");
  // libbpf reads it in several passes; a copy cannot change between them, as memory shared with a worker could.
  const Bytes given = ToBytes(info[0], "bytes");
  const std::vector<uint8_t> bytes(given.data, given.data + given.size);

  bpf_object_open_opts options = {};
  options.sz = sizeof options;
  options.object_name = name.c_str();
  if (!pin_root.empty()) options.pin_root_path = pin_root.c_str();
  if (!btf_path.empty()) options.btf_custom_path = btf_path.c_str();
  const LogScope log(env);
  bpf_object* const object = bpf_object__open_mem(bytes.data(), bytes.size(), &options);
  if (object == nullptr) Throw(env, operation, errno);
  object_.reset(object);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) maps_.emplace_back(SectionName(map), map);
}

bpf_object* BpfObject::Get(const char* operation) {
  if (!object_) Throw(Env(), operation, EBADF, "the object is closed");
  return object_.get();
}

bpf_object* BpfObject::Loaded(const char* operation) {
  bpf_object* const object = Get(operation);
  if (!loaded_) Throw(Env(), operation, EINVAL, "the object is not loaded");
  return object;
}

bpf_map* BpfObject::FindMap(const char* operation, const Napi::Value& value) {
  const std::string name = ToText(value, "name");
  Get(operation);
  for (const auto& [known, map] : maps_) {
    if (known == name) return map;
  }
  Throw(Env(), operation, ENOENT, "no map is named '" + name + "'");
}

bpf_program* BpfObject::FindProgram(const char* operation, const Napi::Value& value) {
  const std::string name = ToText(value, "name");
  bpf_program* const program = bpf_object__find_program_by_name(Get(operation), name.c_str());
  if (program == nullptr) Throw(Env(), operation, ENOENT, "no program is named '" + name + "'");
  return program;
}

Napi::Value BpfObject::Maps(const Napi::CallbackInfo& info) {
  Get("object_maps");
  Napi::Array maps = Napi::Array::New(info.Env());
  for (const auto& [name, map] : maps_) maps.Set(maps.Length(), Summary(info.Env(), name, map));
  return maps;
}

Napi::Value BpfObject::Programs(const Napi::CallbackInfo& info) {
  const bpf_object* const object = Get("object_programs");
  Napi::Array programs = Napi::Array::New(info.Env());
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) programs.Set(programs.Length(), Summary(info.Env(), program));
  return programs;
}

void BpfObject::EditMap(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "map_edit";
  const Napi::Env env = info.Env();
  // All that may run JavaScript comes first: a getter could close this object.
  const Napi::Value type = Field(info[1], "type");
  const Napi::Value key_size = Field(info[1], "keySize");
  const Napi::Value value_size = Field(info[1], "valueSize");
  const Napi::Value max_entries = Field(info[1], "maxEntries");
  const Napi::Value flags = Field(info[1], "flags");
  const Napi::Value numa_node = Field(info[1], "numaNode");
  const Napi::Value pin_path = Field(info[1], "pinPath");
  const Napi::Value autocreate = Field(info[1], "autocreate");
  const Napi::Value initial = Field(info[1], "initial");
  const Napi::Value reuse = Field(info[1], "reuse");
  bpf_map* const map = FindMap(operation, info[0]);
  const LogScope log(env);
  const auto set = [&](const Napi::Value& value, const char* what, auto apply) {
    if (!value.IsUndefined()) Check(env, operation, apply(ToUint32(value, what)));
  };
  set(type, "type", [&](uint32_t v) { return bpf_map__set_type(map, static_cast<bpf_map_type>(v)); });
  set(key_size, "keySize", [&](uint32_t v) { return bpf_map__set_key_size(map, v); });
  set(value_size, "valueSize", [&](uint32_t v) { return bpf_map__set_value_size(map, v); });
  set(max_entries, "maxEntries", [&](uint32_t v) { return bpf_map__set_max_entries(map, v); });
  set(flags, "flags", [&](uint32_t v) { return bpf_map__set_map_flags(map, v); });
  set(numa_node, "numaNode", [&](uint32_t v) { return bpf_map__set_numa_node(map, v); });
  if (pin_path.IsNull()) {
    Check(env, operation, bpf_map__set_pin_path(map, nullptr));
  } else if (!pin_path.IsUndefined()) {
    Check(env, operation, bpf_map__set_pin_path(map, ToText(pin_path, "pinPath").c_str()));
  }
  if (!autocreate.IsUndefined()) Check(env, operation, bpf_map__set_autocreate(map, ToBool(autocreate, "autocreate")));
  if (!initial.IsUndefined()) {
    const Bytes image = ToBytes(initial, "initial");
    Check(env, operation, bpf_map__set_initial_value(map, image.data, image.size));
  }
  if (!reuse.IsUndefined()) {
    Check(env, operation, bpf_map__reuse_fd(map, Descriptor::From(reuse, "reuse").Get(operation, Kind::kMap)));
  }
}

void BpfObject::EditProgram(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "program_edit";
  const Napi::Env env = info.Env();
  const Napi::Value autoload = Field(info[1], "autoload");
  const Napi::Value type = Field(info[1], "type");
  const Napi::Value attach_type = Field(info[1], "expectedAttachType");
  const Napi::Value target = Field(info[1], "attachTarget");
  const Napi::Value target_fd = Field(target, "fd");
  const Napi::Value target_name = Field(target, "name");
  const Napi::Value flags = Field(info[1], "flags");
  bpf_program* const program = FindProgram(operation, info[0]);
  const LogScope log(env);
  if (!autoload.IsUndefined()) {
    Check(env, operation, bpf_program__set_autoload(program, ToBool(autoload, "autoload")));
  }
  if (!type.IsUndefined()) {
    Check(env, operation, bpf_program__set_type(program, static_cast<bpf_prog_type>(ToUint32(type, "type"))));
  }
  if (!attach_type.IsUndefined()) {
    const auto value = static_cast<bpf_attach_type>(ToUint32(attach_type, "expectedAttachType"));
    Check(env, operation, bpf_program__set_expected_attach_type(program, value));
  }
  if (!target.IsUndefined()) {
    const int fd = static_cast<int>(ToUint32(target_fd, "attachTarget.fd"));
    const std::string name = ToText(target_name, "attachTarget.name");
    Check(env, operation, bpf_program__set_attach_target(program, fd, name.c_str()));
  }
  if (!flags.IsUndefined()) Check(env, operation, bpf_program__set_flags(program, ToUint32(flags, "flags")));
}

void BpfObject::Load(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "object_load";
  const Napi::Env env = info.Env();
  const uint32_t level = ToUint32Or(Field(info[0], "logLevel"), "logLevel", 0);
  bpf_object* const object = Get(operation);
  if (std::exchange(load_tried_, true)) Throw(env, operation, EBUSY, "the object was loaded already");

  const LogScope scope(env);
  std::vector<std::pair<bpf_program*, VerifierLog>> buffers;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    VerifierLog& log = buffers.emplace_back(program, VerifierLog()).second;
    Check(env, operation, bpf_program__set_log_level(program, level));
    Check(env, operation, bpf_program__set_log_buf(program, log.data(), log.size()));
  }
  const int result = bpf_object__load(object);
  for (auto& [loaded, log] : buffers) {
    if (const std::string_view text = log.text(); !text.empty()) logs_.emplace(bpf_program__name(loaded), text);
    bpf_program__set_log_buf(loaded, nullptr, 0);
  }
  if (result < 0) {
    Napi::Error error = MakeError(env, operation, -result);
    Napi::Object programs = Napi::Object::New(env);
    napi_value null = env.Null();
    // Program names come from the object file: "__proto__" is one like any other.
    Napi::Object reflect = env.Global().Get("Object").As<Napi::Object>();
    reflect.Get("setPrototypeOf").As<Napi::Function>().Call(reflect, {programs, null});
    for (const auto& [name, text] : logs_) programs.Set(name, Napi::String::New(env, text));
    error.Set("programs", programs);
    if (const std::string refused = RefusedProgram(LogScope::Current()); !refused.empty()) {
      error.Set("program", Napi::String::New(env, refused));
    }
    throw error;
  }
  loaded_ = true;
}

Napi::Value BpfObject::MapDescriptor(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "object_map";
  Loaded(operation);
  const int fd = bpf_map__fd(FindMap(operation, info[0]));
  if (fd < 0) Throw(info.Env(), operation, ENOENT, "the map was not created");
  OwnedFd own = Duplicate(fd);
  if (!own.open()) Throw(info.Env(), operation, errno);
  return Descriptor::Make(info.Env(), std::move(own), Kind::kMap);
}

Napi::Value BpfObject::ProgramDescriptor(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "object_program";
  Loaded(operation);
  const int fd = bpf_program__fd(FindProgram(operation, info[0]));
  if (fd < 0) Throw(info.Env(), operation, ENOENT, "the program was not loaded");
  OwnedFd own = Duplicate(fd);
  if (!own.open()) Throw(info.Env(), operation, errno);
  return Descriptor::Make(info.Env(), std::move(own), Kind::kProgram);
}

Napi::Value BpfObject::ProgramLog(const Napi::CallbackInfo& info) {
  const bpf_program* const program = FindProgram("program_log", info[0]);
  const auto found = logs_.find(bpf_program__name(program));
  return Napi::String::New(info.Env(), found == logs_.end() ? std::string() : found->second);
}

Napi::Value BpfObject::BtfDescriptor(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "object_btf";
  const int fd = bpf_object__btf_fd(Loaded(operation));
  if (fd < 0) return info.Env().Undefined();
  OwnedFd own = Duplicate(fd);
  if (!own.open()) Throw(info.Env(), operation, errno);
  return Descriptor::Make(info.Env(), std::move(own), Kind::kBtf);
}

void BpfObject::Close(const Napi::CallbackInfo&) {
  maps_.clear();
  object_.reset();
  logs_.clear();
}

}  // namespace tsbpf
