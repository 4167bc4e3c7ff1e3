#include "value.h"

#include <cmath>
#include <cstring>

#include "error.h"

namespace tsbpf {

Bytes ToBytes(const Napi::Value& value, const char* what) {
  Bytes bytes;
  if (!value.IsTypedArray()) ThrowType(value.Env(), std::string(what) + " must be a Uint8Array");
  napi_typedarray_type type = napi_int8_array;
  void* data = nullptr;
  // The raw call rather than Napi::TypedArray, which wants an ArrayBuffer and thereby refuses shared memory.
  if (napi_get_typedarray_info(value.Env(), value, &type, &bytes.size, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    ThrowType(value.Env(), std::string(what) + " must be a Uint8Array");
  }
  bytes.data = static_cast<const uint8_t*>(data);
  if (bytes.data == nullptr) bytes.size = 0;
  return bytes;
}

Bytes ToBytesOr(const Napi::Value& value, const char* what) {
  return value.IsUndefined() ? Bytes() : ToBytes(value, what);
}

uint32_t ToUint32(const Napi::Value& value, const char* what) {
  if (value.IsNumber()) {
    const double number = value.As<Napi::Number>().DoubleValue();
    if (number >= 0 && number <= UINT32_MAX && std::trunc(number) == number) return static_cast<uint32_t>(number);
  }
  ThrowType(value.Env(), std::string(what) + " must be an integer from 0 to 4294967295");
}

uint32_t ToUint32Or(const Napi::Value& value, const char* what, uint32_t fallback) {
  return value.IsUndefined() ? fallback : ToUint32(value, what);
}

uint64_t ToUint64(const Napi::Value& value, const char* what) {
  if (value.IsBigInt()) {
    bool lossless = false;
    const uint64_t number = value.As<Napi::BigInt>().Uint64Value(&lossless);
    if (lossless) return number;
  }
  ThrowType(value.Env(), std::string(what) + " must be a bigint from 0 to 2^64-1");
}

uint64_t ToUint64Or(const Napi::Value& value, const char* what, uint64_t fallback) {
  return value.IsUndefined() ? fallback : ToUint64(value, what);
}

bool ToBool(const Napi::Value& value, const char* what) {
  if (!value.IsBoolean()) ThrowType(value.Env(), std::string(what) + " must be a boolean");
  return value.As<Napi::Boolean>();
}

std::string ToText(const Napi::Value& value, const char* what) {
  if (!value.IsString()) ThrowType(value.Env(), std::string(what) + " must be a string");
  std::string text = value.As<Napi::String>();
  if (text.find('\0') != std::string::npos) ThrowType(value.Env(), std::string(what) + " must not contain NUL");
  return text;
}

Napi::Value Field(const Napi::Value& options, const char* name) {
  if (options.IsUndefined()) return options;
  if (!options.IsObject()) ThrowType(options.Env(), "options must be an object");
  return options.As<Napi::Object>().Get(name);
}

Napi::Uint8Array CopyBytes(Napi::Env env, const void* data, size_t size) {
  Napi::Uint8Array copy = Napi::Uint8Array::New(env, size);
  if (size > 0) std::memcpy(copy.Data(), data, size);
  return copy;
}

}  // namespace tsbpf
