#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tsbpf {

/// A libbpf `bpf_object`, from open to load and close.
class BpfObject : public Napi::ObjectWrap<BpfObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit BpfObject(const Napi::CallbackInfo& info);

 private:
  struct Closer {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
  };

  bpf_object* Get(const char* operation);
  bpf_object* Loaded(const char* operation);
  bpf_map* FindMap(const char* operation, const Napi::Value& name);
  bpf_program* FindProgram(const char* operation, const Napi::Value& name);

  Napi::Value Maps(const Napi::CallbackInfo& info);
  Napi::Value Programs(const Napi::CallbackInfo& info);
  void EditMap(const Napi::CallbackInfo& info);
  void EditProgram(const Napi::CallbackInfo& info);
  void Load(const Napi::CallbackInfo& info);
  Napi::Value MapDescriptor(const Napi::CallbackInfo& info);
  Napi::Value ProgramDescriptor(const Napi::CallbackInfo& info);
  Napi::Value ProgramLog(const Napi::CallbackInfo& info);
  Napi::Value BtfDescriptor(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  std::unique_ptr<bpf_object, Closer> object_;
  /// By the names in the object file: libbpf calls a map like the one it reuses, and puts the object's name before `.rodata`.
  std::vector<std::pair<std::string, bpf_map*>> maps_;
  bool load_tried_ = false;
  bool loaded_ = false;
  /// By program name, where a load left something.
  std::map<std::string, std::string> logs_;
};

}  // namespace tsbpf
