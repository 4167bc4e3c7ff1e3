#pragma once

#include <napi.h>

#include "descriptor.h"
#include "log.h"

namespace tsbpf {

/// What one environment (the main thread, a worker) owns. Node deletes it when the environment ends, after all finalizers.
struct Environment {
  Napi::FunctionReference descriptor;
  /// What the next `Descriptor` constructor call is to own; null while JavaScript is the caller.
  PendingDescriptor* pending = nullptr;
  LogBuffer log;

  static Environment& Of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }
};

// Each file adds its functions and classes to the addon's exports.
void DefineMaps(Napi::Env env, Napi::Object exports);
void DefineMapMemory(Napi::Env env, Napi::Object exports);
void DefinePrograms(Napi::Env env, Napi::Object exports);
void DefineLinks(Napi::Env env, Napi::Object exports);
void DefineNetworkDevices(Napi::Env env, Napi::Object exports);
void DefineBtf(Napi::Env env, Napi::Object exports);
void DefineIds(Napi::Env env, Napi::Object exports);
void DefinePaths(Napi::Env env, Napi::Object exports);

}  // namespace tsbpf
