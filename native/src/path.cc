// What has a path: pins in a bpffs, and files, folders, cgroups and namespaces to attach to.

#include <bpf/bpf.h>
#include <fcntl.h>

#include <cerrno>
#include <string>

#include "addon.h"
#include "error.h"
#include "value.h"

namespace tsbpf {
namespace {

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

void DefinePaths(Napi::Env env, Napi::Object exports) {
  exports.Set("pin", Napi::Function::New(env, Pin, "pin"));
  exports.Set("getPinned", Napi::Function::New(env, GetPinned, "getPinned"));
  exports.Set("openPath", Napi::Function::New(env, OpenPath, "openPath"));
}

}  // namespace tsbpf
