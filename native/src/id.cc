// The kernel's numbers of programs, maps, links and BTF objects.

#include <bpf/bpf.h>

#include <cerrno>
#include <string>

#include "addon.h"
#include "error.h"
#include "value.h"

namespace tsbpf {
namespace {

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

}  // namespace

void DefineIds(Napi::Env env, Napi::Object exports) {
  exports.Set("btfById", Napi::Function::New(env, ById<bpf_btf_get_fd_by_id, Kind::kBtf>, "btfById"));
  exports.Set("mapById", Napi::Function::New(env, ById<bpf_map_get_fd_by_id, Kind::kMap>, "mapById"));
  exports.Set("programById", Napi::Function::New(env, ById<bpf_prog_get_fd_by_id, Kind::kProgram>, "programById"));
  exports.Set("linkById", Napi::Function::New(env, ById<bpf_link_get_fd_by_id, Kind::kLink>, "linkById"));
  exports.Set("nextId", Napi::Function::New(env, NextId, "nextId"));
}

}  // namespace tsbpf
