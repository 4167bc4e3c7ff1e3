#include "log.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

#include "addon.h"

namespace tsbpf {
namespace {

constexpr size_t kKept = 256 * 1024;

thread_local LogScope* current = nullptr;
bool verbose = false;

// Called from C: nothing may be thrown through it.
int Print(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (current == nullptr || (level != LIBBPF_WARN && !verbose)) return 0;
  va_list again;
  va_copy(again, arguments);
  char line[512];
  const int length = std::vsnprintf(line, sizeof line, format, arguments);
  try {
    if (length >= 0 && static_cast<size_t>(length) < sizeof line) {
      current->Append({line, static_cast<size_t>(length)});
    } else if (length >= 0) {
      std::string longer(static_cast<size_t>(length) + 1, '\0');
      std::vsnprintf(longer.data(), longer.size(), format, again);
      longer.resize(static_cast<size_t>(length));
      current->Append(longer);
    }
  } catch (const std::bad_alloc&) {
    // The line is lost; the operation's own result is not.
  }
  va_end(again);
  return 0;
}

}  // namespace

LogScope::LogScope(Napi::Env env) : env_(env), outer_(current) { current = this; }

LogScope::~LogScope() {
  current = outer_;
  if (text_.empty()) return;
  try {
    Environment::Of(env_).log.Append(text_);
  } catch (const std::bad_alloc&) {
  }
}

std::string_view LogScope::Current() { return current == nullptr ? std::string_view() : current->text_; }

void LogBuffer::Append(std::string_view text) {
  text_.append(text);
  if (text_.size() <= kKept) return;
  const size_t cut = text_.find('\n', text_.size() - kKept);
  const size_t drop = cut == std::string::npos ? text_.size() - kKept : cut + 1;
  text_.erase(0, drop);
  dropped_ += drop;
}

std::string LogBuffer::Take() {
  std::string taken;
  if (dropped_ > 0) taken = "(" + std::to_string(dropped_) + " earlier bytes of libbpf's messages dropped)\n";
  taken += text_;
  text_.clear();
  dropped_ = 0;
  return taken;
}

void InstallLog() {
  static std::once_flag once;
  std::call_once(once, [] {
    const char* setting = std::getenv("TSBPF_LIBBPF_DEBUG");
    verbose = setting != nullptr && std::strcmp(setting, "1") == 0;
    libbpf_set_print(Print);
  });
}

}  // namespace tsbpf
