#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <string>

#include "addon.h"
#include "error.h"
#include "value.h"

namespace tsbpf {
namespace {

// include/uapi/linux/bpf.h: enum bpf_link_type and enum bpf_attach_type, by number for those that the headers of libbpf 1.1 lack.
constexpr uint32_t kLinkTcx = 11;
constexpr uint32_t kLinkNetkit = 13;
constexpr uint32_t kLinkSockmap = 14;

Napi::Value LinkCreate(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "link_create";
  const Napi::Env env = info.Env();
  const uint32_t attach_type = ToUint32(info[2], "attachType");
  bpf_link_create_opts options = {};
  options.sz = sizeof options;
  options.flags = ToUint32Or(Field(info[3], "flags"), "flags", 0);
  if (const Napi::Value tcx = Field(info[3], "tcx"); !tcx.IsUndefined()) {
    const uint32_t relative = ToUint32Or(Field(tcx, "relativeFd"), "relativeFd", 0);
    const uint64_t revision = ToUint64Or(Field(tcx, "expectedRevision"), "expectedRevision", 0);
#ifdef TSBPF_LIBBPF_1_1
    if (relative != 0 || revision != 0) Throw(env, operation, ENOTSUP, "an order among tcx links needs libbpf 1.3 or newer");
#else
    options.tcx.relative_fd = relative;
    options.tcx.expected_revision = revision;
#endif
  }
  const int target = info[1].IsNumber() ? static_cast<int>(ToUint32(info[1], "target"))
                                        : Descriptor::From(info[1], "target").Get(operation);
  const int program = Descriptor::From(info[0], "program").Get(operation, Kind::kProgram);
  const LogScope log(env);
  const int fd = bpf_link_create(program, target, static_cast<bpf_attach_type>(attach_type), &options);
  return Descriptor::Make(env, OwnedFd(Check(env, operation, fd)), Kind::kLink);
}

void LinkUpdate(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "link_update";
  const Napi::Value old = Field(info[2], "old");
  bpf_link_update_opts options = {};
  options.sz = sizeof options;
  options.flags = ToUint32Or(Field(info[2], "flags"), "flags", 0);
  if (!old.IsUndefined()) {
    // Without the flag the kernel takes a program here for a mistake (kernel/bpf/syscall.c: link_update).
    options.flags |= BPF_F_REPLACE;
    options.old_prog_fd = static_cast<uint32_t>(Descriptor::From(old, "old").Get(operation, Kind::kProgram));
  }
  const int link = Descriptor::From(info[0], "link").Get(operation, Kind::kLink);
  const int program = Descriptor::From(info[1], "program").Get(operation, Kind::kProgram);
  Check(info.Env(), operation, bpf_link_update(link, program, &options));
}

void LinkDetach(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "link_detach";
  Check(info.Env(), operation, bpf_link_detach(Descriptor::From(info[0], "link").Get(operation, Kind::kLink)));
}

Napi::Value LinkInfo(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "obj_get_info_by_fd";
  const Napi::Env env = info.Env();
  const int fd = Descriptor::From(info[0], "link").Get(operation, Kind::kLink);
  bpf_link_info link = {};
  uint32_t length = sizeof link;
  Check(env, operation, bpf_obj_get_info_by_fd(fd, &link, &length));
  Napi::Object result = Napi::Object::New(env);
  const auto number = [&](const char* name, uint32_t value) { result.Set(name, Napi::Number::New(env, value)); };
  number("id", link.id);
  number("type", link.type);
  number("programId", link.prog_id);
  switch (link.type) {
    case BPF_LINK_TYPE_TRACING:
      number("attachType", link.tracing.attach_type);
      break;
    case BPF_LINK_TYPE_CGROUP:
      result.Set("cgroupId", Napi::BigInt::New(env, uint64_t{link.cgroup.cgroup_id}));
      number("attachType", link.cgroup.attach_type);
      break;
    case BPF_LINK_TYPE_NETNS:
      number("netnsIno", link.netns.netns_ino);
      number("attachType", link.netns.attach_type);
      break;
    case BPF_LINK_TYPE_XDP:
      number("ifindex", link.xdp.ifindex);
      break;
    // Two numbers where netns has its two; the headers of libbpf 1.1 do not declare these three.
    case kLinkTcx:
    case kLinkNetkit:
      number("ifindex", link.netns.netns_ino);
      number("attachType", link.netns.attach_type);
      break;
    case kLinkSockmap:
      number("mapId", link.netns.netns_ino);
      number("attachType", link.netns.attach_type);
      break;
    default:
      break;
  }
  return result;
}

void ProgramAttach(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "prog_attach";
  const uint32_t attach_type = ToUint32(info[2], "attachType");
  const uint32_t flags = ToUint32Or(info[3], "flags", 0);
  const int target = Descriptor::From(info[1], "target").Get(operation);
  const int program = Descriptor::From(info[0], "program").Get(operation, Kind::kProgram);
  Check(info.Env(), operation, bpf_prog_attach(program, target, static_cast<bpf_attach_type>(attach_type), flags));
}

void ProgramDetach(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "prog_detach";
  const uint32_t attach_type = ToUint32(info[2], "attachType");
  const int target = Descriptor::From(info[1], "target").Get(operation);
  const int program = Descriptor::From(info[0], "program").Get(operation, Kind::kProgram);
  Check(info.Env(), operation, bpf_prog_detach2(program, target, static_cast<bpf_attach_type>(attach_type)));
}

}  // namespace

void DefineLinks(Napi::Env env, Napi::Object exports) {
  exports.Set("linkCreate", Napi::Function::New(env, LinkCreate, "linkCreate"));
  exports.Set("linkUpdate", Napi::Function::New(env, LinkUpdate, "linkUpdate"));
  exports.Set("linkDetach", Napi::Function::New(env, LinkDetach, "linkDetach"));
  exports.Set("linkInfo", Napi::Function::New(env, LinkInfo, "linkInfo"));
  exports.Set("programAttach", Napi::Function::New(env, ProgramAttach, "programAttach"));
  exports.Set("programDetach", Napi::Function::New(env, ProgramDetach, "programDetach"));
}

}  // namespace tsbpf
