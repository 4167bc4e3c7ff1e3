#include "addon.h"

#include <bpf/libbpf.h>
#include <sys/resource.h>

#include <cerrno>

#include "bpf_object.h"
#include "error.h"
#include "ring_buffer.h"

namespace tsbpf {
namespace {

Napi::Value LibbpfVersion(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), std::to_string(libbpf_major_version()) + "." + std::to_string(libbpf_minor_version()));
}

Napi::Value TakeLog(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), Environment::Of(info.Env()).log.Take());
}

void RaiseMemlock(const Napi::CallbackInfo& info) {
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_MEMLOCK, &unlimited) != 0) Throw(info.Env(), "setrlimit(RLIMIT_MEMLOCK)", errno);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Environment);
  InstallLog();
  exports.Set("Descriptor", Descriptor::Define(env));
  exports.Set("BpfObject", BpfObject::Define(env));
  exports.Set("RingBufferReader", RingBufferReader::Define(env));
  exports.Set("libbpfVersion", Napi::Function::New(env, LibbpfVersion, "libbpfVersion"));
  exports.Set("takeLog", Napi::Function::New(env, TakeLog, "takeLog"));
  exports.Set("raiseMemlock", Napi::Function::New(env, RaiseMemlock, "raiseMemlock"));
  DefineMaps(env, exports);
  DefineMapMemory(env, exports);
  DefinePrograms(env, exports);
  DefineLinks(env, exports);
  DefineNetworkDevices(env, exports);
  DefineBtf(env, exports);
  DefineIds(env, exports);
  DefinePaths(env, exports);
  return exports;
}

}  // namespace
}  // namespace tsbpf

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) { return tsbpf::Init(env, exports); }

NODE_API_MODULE(tsbpf, InitModule)
