#pragma once

#include <napi.h>

#include <memory>

namespace tsbpf {

/// Delivers a ring buffer's records on the environment's event loop. While open it is kept from garbage collection, as a server is.
class RingBufferReader : public Napi::ObjectWrap<RingBufferReader> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit RingBufferReader(const Napi::CallbackInfo& info);
  ~RingBufferReader() override;

 private:
  /// What libuv watches. It outlives the reader until libuv has let go of it.
  struct Watch;

  static void OnReadable(Watch* watch);
  Watch* Get(const char* operation);
  /// Gives back up to a batch's records up to position `until`, and hands them to the callback. Returns how many, and where the ring has to
  /// be looked at again.
  struct Taken {
    Napi::Value records;
    uint32_t count = 0;
    bool again = false;
  };
  Taken Take(unsigned long until);
  void Shut();

  void Pause(const Napi::CallbackInfo& info);
  void Resume(const Napi::CallbackInfo& info);
  Napi::Value Consume(const Napi::CallbackInfo& info);
  void RefLoop(const Napi::CallbackInfo& info);
  void UnrefLoop(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  Watch* watch_ = nullptr;
  bool paused_ = false;
  Napi::FunctionReference on_records_;
  std::unique_ptr<Napi::AsyncContext> context_;
};

}  // namespace tsbpf
