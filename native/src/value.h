#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace tsbpf {

/// A `Uint8Array`'s memory, valid until JavaScript runs again: take it after everything that may call a getter.
struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

/// Each throws a TypeError that names `what` where the value is not of the type, or not in its range.
Bytes ToBytes(const Napi::Value& value, const char* what);
uint32_t ToUint32(const Napi::Value& value, const char* what);
uint64_t ToUint64(const Napi::Value& value, const char* what);
bool ToBool(const Napi::Value& value, const char* what);
/// Without NUL, which C would cut at.
std::string ToText(const Napi::Value& value, const char* what);

/// The same, with a default for `undefined`.
uint32_t ToUint32Or(const Napi::Value& value, const char* what, uint32_t fallback);
uint64_t ToUint64Or(const Napi::Value& value, const char* what, uint64_t fallback);
Bytes ToBytesOr(const Napi::Value& value, const char* what);

/// A property of an options object; `undefined` where there are no options at all. May run a getter.
Napi::Value Field(const Napi::Value& options, const char* name);

Napi::Uint8Array CopyBytes(Napi::Env env, const void* data, size_t size);

}  // namespace tsbpf
