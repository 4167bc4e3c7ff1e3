#include "error.h"

#include <bpf/libbpf.h>

#include <cctype>
#include <cerrno>
#include <cstring>

#include "log.h"

namespace tsbpf {
namespace {

// include/linux/errno.h: not for user space, and yet bpf(2) returns it where a map or program has no such operation.
constexpr int kEnotsupp = 524;

// libbpf numbers its own errors from 4000. They are about the object file but for the last few; a caller that switches on `code` is better
// served by the system's names, and the message keeps libbpf's words.
int SystemError(int error) {
  switch (error) {
    case LIBBPF_ERRNO__LIBELF:
    case LIBBPF_ERRNO__FORMAT:
    case LIBBPF_ERRNO__ENDIAN:
    case LIBBPF_ERRNO__RELOC:
      return ENOEXEC;
    case LIBBPF_ERRNO__VERIFY:
    case LIBBPF_ERRNO__LOAD:
      return EACCES;
    case LIBBPF_ERRNO__PROG2BIG:
      return E2BIG;
    case LIBBPF_ERRNO__WRNGPID:
    case LIBBPF_ERRNO__INVSEQ:
    case LIBBPF_ERRNO__NLPARSE:
      return EPROTO;
    default:
      return error >= __LIBBPF_ERRNO__START ? EINVAL : error;
  }
}

std::string ErrorText(int error) {
  if (error == kEnotsupp) return "operation not supported";
  char buffer[256] = {};
  libbpf_strerror(error, buffer, sizeof buffer);
  std::string text = buffer;
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1]))) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

}  // namespace

std::string ErrorName(int error) {
  if (error == kEnotsupp) return "ENOTSUPP";
  // glibc prefers the historical name of number 95; Node and the kernel's headers say ENOTSUP for it in user space.
  if (error == ENOTSUP) return "ENOTSUP";
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : "E" + std::to_string(error);
}

Napi::Error MakeError(Napi::Env env, const char* operation, int error, std::string_view detail) {
  const int number = SystemError(error);
  const std::string text = detail.empty() ? ErrorText(error) : std::string(detail);
  Napi::Error result = Napi::Error::New(env, std::string(operation) + ": " + text);
  result.Set("errno", Napi::Number::New(env, number));
  result.Set("code", Napi::String::New(env, ErrorName(number)));
  result.Set("operation", Napi::String::New(env, operation));
  if (const std::string_view log = LogScope::Current(); !log.empty()) {
    result.Set("log", Napi::String::New(env, log.data(), log.size()));
  }
  return result;
}

void Throw(Napi::Env env, const char* operation, int error, std::string_view detail) {
  throw MakeError(env, operation, error, detail);
}

int Check(Napi::Env env, const char* operation, int result) {
  if (result < 0) Throw(env, operation, -result);
  return result;
}

void ThrowType(Napi::Env env, const std::string& message) { throw Napi::TypeError::New(env, message); }

}  // namespace tsbpf
