#pragma once

#include <napi.h>

#include <string>
#include <string_view>

namespace tsbpf {

/// The kernel's name of an error number ("EPERM"), also for those that only BPF gives out.
std::string ErrorName(int error);

/// An `Error` with `errno`, `code`, `operation` and, where libbpf said something in this operation, `log`. `error` is positive. `detail`
/// replaces the system's text of the error in the message.
Napi::Error MakeError(Napi::Env env, const char* operation, int error, std::string_view detail = {});

[[noreturn]] void Throw(Napi::Env env, const char* operation, int error, std::string_view detail = {});

/// Passes on what libbpf 1.x functions return, or throws: they return the negative error, so that `errno` need not be trusted.
int Check(Napi::Env env, const char* operation, int result);

/// For a mistake in an argument's type or range, which the runtime should not have let through.
[[noreturn]] void ThrowType(Napi::Env env, const std::string& message);

}  // namespace tsbpf
