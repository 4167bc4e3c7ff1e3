#pragma once

#include <napi.h>

#include <string>
#include <string_view>

namespace tsbpf {

/// Collects what libbpf prints while it lives. libbpf has one print function for the whole process and calls it on the thread that called
/// libbpf, so a thread-local pointer finds the scope, and thereby the environment (the main thread or a worker), that the line belongs to.
class LogScope {
 public:
  explicit LogScope(Napi::Env env);
  /// Hands the lines over to the environment, for `takeLog()`.
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

  /// What the innermost scope of this thread has so far.
  static std::string_view Current();
  void Append(std::string_view text) { text_.append(text); }

 private:
  Napi::Env env_;
  LogScope* outer_;
  std::string text_;
};

/// An environment's lines not yet taken. The oldest give way when nobody takes them, and the text says so.
class LogBuffer {
 public:
  void Append(std::string_view text);
  std::string Take();

 private:
  std::string text_;
  size_t dropped_ = 0;
};

/// Once per process: routes libbpf's messages to the scopes.
void InstallLog();

}  // namespace tsbpf
