#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <memory>

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

}  // namespace

void DefineBtf(Napi::Env env, Napi::Object exports) {
  exports.Set("btfData", Napi::Function::New(env, BtfData, "btfData"));
  exports.Set("btfLoad", Napi::Function::New(env, BtfLoad, "btfLoad"));
}

}  // namespace tsbpf
