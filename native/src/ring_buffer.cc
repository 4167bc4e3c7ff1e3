#include "ring_buffer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <node_api.h>
#include <uv.h>

#include <cerrno>
#include <cstring>

#include "addon.h"
#include "error.h"
#include "ring.h"

namespace tsbpf {
namespace {

// One callback's worth. A flood then gives way to the rest of the event loop between batches.
constexpr size_t kBatchRecords = 1024;
constexpr size_t kBatchBytes = 256 * 1024;

size_t Aligned(size_t size) { return (size + 7) / 8 * 8; }

}  // namespace

struct RingBufferReader::Watch {
  uv_poll_t poll;
  Ring ring;
  RingBufferReader* reader;
  napi_async_cleanup_hook_handle hook = nullptr;

  void Start() {
    uv_poll_start(&poll, UV_READABLE, [](uv_poll_t* handle, int, int) { OnReadable(static_cast<Watch*>(handle->data)); });
  }

  void Finish() {
    uv_close(reinterpret_cast<uv_handle_t*>(&poll), [](uv_handle_t* handle) {
      auto* const watch = static_cast<Watch*>(handle->data);
      // While the hook is there, an environment that ends waits for it: its loop must not be left before libuv let go.
      napi_remove_async_cleanup_hook(watch->hook);
      delete watch;
    });
  }
};

Napi::Function RingBufferReader::Define(Napi::Env env) {
  return DefineClass(env, "RingBufferReader",
                     {
                         InstanceMethod<&RingBufferReader::Pause>("pause"),
                         InstanceMethod<&RingBufferReader::Resume>("resume"),
                         InstanceMethod<&RingBufferReader::Consume>("consume"),
                         InstanceMethod<&RingBufferReader::RefLoop>("ref"),
                         InstanceMethod<&RingBufferReader::UnrefLoop>("unref"),
                         InstanceMethod<&RingBufferReader::Close>("close"),
                     });
}

RingBufferReader::RingBufferReader(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  constexpr const char* operation = "ring_buffer_open";
  const Napi::Env env = info.Env();
  Descriptor& descriptor = Descriptor::From(info[0], "map");
  const MapShape& map = descriptor.Map(operation);
  if (map.type != BPF_MAP_TYPE_RINGBUF) Throw(env, operation, EINVAL, "the map is not a ring buffer");
  if (!info[1].IsFunction()) ThrowType(env, "onRecords must be a function");
  OwnedFd own = Duplicate(descriptor.Get(operation));
  if (!own.open()) Throw(env, operation, errno);
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) Throw(env, operation, ENOSYS, "this environment has no event loop");

  auto watch = std::make_unique<Watch>();
  if (const int error = watch->ring.Open(std::move(own), map.max_entries); error != 0) Throw(env, operation, error);
  if (const int error = uv_poll_init(loop, &watch->poll, watch->ring.epoll()); error != 0) Throw(env, operation, -error);
  watch->poll.data = watch.get();
  watch->reader = this;
  watch_ = watch.release();
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle, void* data) {
        // Closed already where the reader is gone; then the hook ends in the close callback.
        RingBufferReader* const reader = static_cast<Watch*>(data)->reader;
        if (reader == nullptr) return;
        try {
          reader->Shut();
        } catch (const Napi::Error&) {
          // The environment ends: what it would not let go of goes with it.
        }
      },
      watch_, &watch_->hook);
  on_records_ = Napi::Persistent(info[1].As<Napi::Function>());
  context_ = std::make_unique<Napi::AsyncContext>(env, "tsbpf.RingBufferReader");
  Ref();
  watch_->Start();
}

RingBufferReader::~RingBufferReader() {
  // Only where the constructor threw after libuv got the handle: an open reader is not collected.
  if (watch_ != nullptr) {
    watch_->reader = nullptr;
    std::exchange(watch_, nullptr)->Finish();
  }
}

RingBufferReader::Watch* RingBufferReader::Get(const char* operation) {
  if (watch_ == nullptr) Throw(Env(), operation, EBADF, "the ring buffer's reader is closed");
  return watch_;
}

void RingBufferReader::Shut() {
  if (watch_ == nullptr) return;
  watch_->reader = nullptr;
  std::exchange(watch_, nullptr)->Finish();
  on_records_.Reset();
  context_.reset();
  Unref();
}

RingBufferReader::Taken RingBufferReader::Take(unsigned long until) {
  const Napi::Env env = Env();
  const Ring::Batch batch = watch_->ring.Peek(until, kBatchRecords, kBatchBytes);
  Taken taken;
  taken.count = static_cast<uint32_t>(batch.records.size());
  if (taken.count > 0) {
    // One allocation for all, each record at a multiple of 8 so that it can be seen as 64-bit numbers.
    size_t bytes = 0;
    for (const Ring::Record& record : batch.records) bytes += Aligned(record.size);
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, bytes);
    auto* const start = static_cast<uint8_t*>(buffer.Data());
    Napi::Array records = Napi::Array::New(env, taken.count);
    size_t offset = 0;
    for (uint32_t i = 0; i < taken.count; i++) {
      const Ring::Record& record = batch.records[i];
      std::memcpy(start + offset, record.data, record.size);
      records.Set(i, Napi::Uint8Array::New(env, record.size, buffer, offset));
      offset += Aligned(record.size);
    }
    taken.records = records;
  }
  taken.again = watch_->ring.Release(batch.next) || batch.more;
  return taken;
}

void RingBufferReader::OnReadable(Watch* watch) {
  RingBufferReader* const reader = watch->reader;
  if (reader == nullptr) return;
  const Napi::Env env = reader->Env();
  const Napi::HandleScope scope(env);
  watch->ring.Drain();
  // Nothing may be thrown through libuv. An environment that is being ended answers each call with an error and no exception: that error is
  // none of ours, and reporting it does nothing.
  napi_value error = nullptr;
  try {
    const Taken taken = reader->Take(watch->ring.ProducerPosition());
    // Before the callback, which may close the reader.
    if (taken.again) watch->ring.Rearm();
    if (taken.count == 0) return;
    napi_value records = taken.records;
    napi_make_callback(env, *reader->context_, reader->Value(), reader->on_records_.Value(), 1, &records, nullptr);
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) == napi_ok && pending) napi_get_and_clear_last_exception(env, &error);
  } catch (const Napi::Error& failure) {
    // No memory for the records, which are still in the ring.
    try {
      error = failure.Value();
    } catch (const Napi::Error&) {
    }
  }
  if (error != nullptr) napi_fatal_exception(env, error);
}

void RingBufferReader::Pause(const Napi::CallbackInfo&) {
  uv_poll_stop(&Get("ring_buffer_pause")->poll);
  paused_ = true;
}

void RingBufferReader::Resume(const Napi::CallbackInfo&) {
  Watch* const watch = Get("ring_buffer_resume");
  if (!std::exchange(paused_, false)) return;
  // What was left behind has had its wake-up.
  watch->ring.Rearm();
  watch->Start();
}

Napi::Value RingBufferReader::Consume(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const unsigned long until = Get("ring_buffer_consume")->ring.ProducerPosition();
  const bool was_paused = paused_;
  uint32_t total = 0;
  // The callback may close the reader or pause it.
  while (watch_ != nullptr && paused_ == was_paused) {
    const Napi::HandleScope scope(env);
    const Taken taken = Take(until);
    if (taken.again) watch_->ring.Rearm();
    if (taken.count == 0) break;
    total += taken.count;
    on_records_.Call(Value(), {taken.records});
  }
  return Napi::Number::New(env, total);
}

void RingBufferReader::RefLoop(const Napi::CallbackInfo&) {
  uv_ref(reinterpret_cast<uv_handle_t*>(&Get("ring_buffer_ref")->poll));
}

void RingBufferReader::UnrefLoop(const Napi::CallbackInfo&) {
  uv_unref(reinterpret_cast<uv_handle_t*>(&Get("ring_buffer_unref")->poll));
}

void RingBufferReader::Close(const Napi::CallbackInfo&) { Shut(); }

}  // namespace tsbpf
