// BTF, identifiers, pins and paths: ways to get hold of something that is already in the kernel.

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "addon.h"
#include "error.h"
#include "value.h"
#include "verifier_log.h"

namespace tsbpf {
namespace {

Napi::Value BtfData(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "obj_get_info_by_fd";
  const Napi::Env env = info.Env();
  const int fd = Descriptor::From(info[0], "btf").Get(operation, Kind::kBtf);
  bpf_btf_info btf = {};
  uint32_t length = sizeof btf;
  Check(env, operation, bpf_obj_get_info_by_fd(fd, &btf, &length));
  const uint32_t size = btf.btf_size;
  const auto data = std::make_unique<uint8_t[]>(size);
  btf = {};
  btf.btf = reinterpret_cast<uintptr_t>(data.get());
  btf.btf_size = size;
  length = sizeof btf;
  Check(env, operation, bpf_obj_get_info_by_fd(fd, &btf, &length));
  return CopyBytes(env, data.get(), size);
}

Napi::Value BtfLoad(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "btf_load";
  const Napi::Env env = info.Env();
  const Bytes data = ToBytes(info[0], "data");
  if (data.size > UINT32_MAX) Throw(env, operation, E2BIG);
  LogScope scope(env);
  bpf_btf_load_opts options = {};
  options.sz = sizeof options;
  int fd = bpf_btf_load(data.data, data.size, &options);
  if (fd < 0) {
    // The first try has no log, which is quicker where all is well and needs no memory.
    VerifierLog log;
    options.log_buf = log.data();
    options.log_size = log.size();
    options.log_level = 1;
    fd = bpf_btf_load(data.data, data.size, &options);
    if (fd < 0) {
      scope.Append(log.text());
      Throw(env, operation, -fd);
    }
  }
  return Descriptor::Make(env, OwnedFd(fd), Kind::kBtf);
}

template <int (*Open)(uint32_t), Kind kind>
Napi::Value ById(const Napi::CallbackInfo& info) {
  const uint32_t id = ToUint32(info[0], "id");
  return Descriptor::Make(info.Env(), OwnedFd(Check(info.Env(), "get_fd_by_id", Open(id))), kind);
}

Napi::Value NextId(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string kind = ToText(info[0], "kind");
  const uint32_t after = ToUint32(info[1], "after");
  uint32_t next = 0;
  int result = -EINVAL;
  if (kind == "program") {
    result = bpf_prog_get_next_id(after, &next);
  } else if (kind == "map") {
    result = bpf_map_get_next_id(after, &next);
  } else if (kind == "btf") {
    result = bpf_btf_get_next_id(after, &next);
  } else if (kind == "link") {
    result = bpf_link_get_next_id(after, &next);
  } else {
    ThrowType(env, "kind must be program, map, btf or link");
  }
  if (result == -ENOENT) return env.Undefined();
  Check(env, "get_next_id", result);
  return Napi::Number::New(env, next);
}

void Pin(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "obj_pin";
  const std::string path = ToText(info[1], "path");
  Check(info.Env(), operation, bpf_obj_pin(Descriptor::From(info[0], "object").Get(operation), path.c_str()));
}

Napi::Value GetPinned(const Napi::CallbackInfo& info) {
  const std::string path = ToText(info[0], "path");
  return Descriptor::Make(info.Env(), OwnedFd(Check(info.Env(), "obj_get", bpf_obj_get(path.c_str()))), Kind::kUnknown);
}

Napi::Value OpenPath(const Napi::CallbackInfo& info) {
  const std::string path = ToText(info[0], "path");
  // O_NONBLOCK: a named pipe without a writer would block the event loop.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) Throw(info.Env(), "open", errno);
  return Descriptor::Make(info.Env(), OwnedFd(fd), Kind::kOther);
}

}  // namespace

void DefineBtf(Napi::Env env, Napi::Object exports) {
  exports.Set("btfData", Napi::Function::New(env, BtfData, "btfData"));
  exports.Set("btfLoad", Napi::Function::New(env, BtfLoad, "btfLoad"));
  exports.Set("btfById", Napi::Function::New(env, ById<bpf_btf_get_fd_by_id, Kind::kBtf>, "btfById"));
  exports.Set("mapById", Napi::Function::New(env, ById<bpf_map_get_fd_by_id, Kind::kMap>, "mapById"));
  exports.Set("programById", Napi::Function::New(env, ById<bpf_prog_get_fd_by_id, Kind::kProgram>, "programById"));
  exports.Set("linkById", Napi::Function::New(env, ById<bpf_link_get_fd_by_id, Kind::kLink>, "linkById"));
  exports.Set("nextId", Napi::Function::New(env, NextId, "nextId"));
  exports.Set("pin", Napi::Function::New(env, Pin, "pin"));
  exports.Set("getPinned", Napi::Function::New(env, GetPinned, "getPinned"));
  exports.Set("openPath", Napi::Function::New(env, OpenPath, "openPath"));
}

}  // namespace tsbpf
