#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "addon.h"
#include "error.h"
#include "value.h"
#include "verifier_log.h"

namespace tsbpf {
namespace {

// The largest packet that BPF_PROG_TEST_RUN can make is far below; a request above is a mistake, not a reason to exhaust memory.
constexpr uint32_t kLargestOutput = 16 << 20;
// Room for what a program may put in front of the packet (include/uapi/linux/bpf.h: XDP_PACKET_HEADROOM).
constexpr uint32_t kHeadroom = 256;

std::string Hex(const uint8_t* bytes, size_t size) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size; i++) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

Napi::Value ProgramInfo(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "obj_get_info_by_fd";
  const Napi::Env env = info.Env();
  const Napi::Value wanted = Field(info[1], "instructions");
  const bool instructions = !wanted.IsUndefined() && ToBool(wanted, "instructions");
  const int fd = Descriptor::From(info[0], "program").Get(operation, Kind::kProgram);

  // First the sizes, then again with room for what has one.
  bpf_prog_info program = {};
  uint32_t length = sizeof program;
  Check(env, operation, bpf_obj_get_info_by_fd(fd, &program, &length));
  std::vector<uint32_t> maps(program.nr_map_ids);
  std::vector<uint8_t> code(instructions ? program.xlated_prog_len : 0);
  program = {};
  program.nr_map_ids = static_cast<uint32_t>(maps.size());
  program.map_ids = reinterpret_cast<uintptr_t>(maps.data());
  program.xlated_prog_len = static_cast<uint32_t>(code.size());
  program.xlated_prog_insns = reinterpret_cast<uintptr_t>(code.data());
  length = sizeof program;
  Check(env, operation, bpf_obj_get_info_by_fd(fd, &program, &length));

  Napi::Array map_ids = Napi::Array::New(env, maps.size());
  for (uint32_t i = 0; i < maps.size(); i++) map_ids.Set(i, Napi::Number::New(env, maps[i]));
  Napi::Object result = Napi::Object::New(env);
  result.Set("id", Napi::Number::New(env, program.id));
  result.Set("type", Napi::Number::New(env, program.type));
  result.Set("name", Napi::String::New(env, program.name, strnlen(program.name, sizeof program.name)));
  result.Set("tag", Napi::String::New(env, Hex(program.tag, sizeof program.tag)));
  result.Set("jitedLength", Napi::Number::New(env, program.jited_prog_len));
  result.Set("translatedLength", Napi::Number::New(env, program.xlated_prog_len));
  result.Set("verifiedInstructions", Napi::Number::New(env, program.verified_insns));
  result.Set("runCount", Napi::BigInt::New(env, uint64_t{program.run_cnt}));
  result.Set("runTimeNs", Napi::BigInt::New(env, uint64_t{program.run_time_ns}));
  result.Set("mapIds", map_ids);
  result.Set("btfId", Napi::Number::New(env, program.btf_id));
  // The kernel zeroes the address where it keeps the instructions to itself (kernel/bpf/syscall.c: bpf_prog_get_info_by_fd).
  if (!code.empty() && program.xlated_prog_insns != 0) {
    result.Set("instructions", CopyBytes(env, code.data(), code.size()));
  }
  return result;
}

Napi::Value ProgramLoad(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "prog_load";
  const Napi::Env env = info.Env();
  const Napi::Value program = info[0];
  const uint32_t type = ToUint32(Field(program, "type"), "type");
  const Napi::Value name_value = Field(program, "name");
  const Napi::Value license_value = Field(program, "license");
  const std::string name = name_value.IsUndefined() ? "" : ToText(name_value, "name");
  const std::string license = license_value.IsUndefined() ? "Dual MIT/GPL" : ToText(license_value, "license");
  bpf_prog_load_opts options = {};
  options.sz = sizeof options;
  options.expected_attach_type =
      static_cast<bpf_attach_type>(ToUint32Or(Field(program, "expectedAttachType"), "expectedAttachType", 0));
  options.attach_btf_id = ToUint32Or(Field(program, "attachBtfId"), "attachBtfId", 0);
  const uint32_t level = ToUint32Or(Field(program, "logLevel"), "logLevel", 0);
  const Bytes code = ToBytes(Field(program, "instructions"), "instructions");
  if (code.size % sizeof(bpf_insn) != 0) {
    Throw(env, operation, EINVAL, "instructions of " + std::to_string(code.size) + " bytes, which is no multiple of 8");
  }
  if (code.size > UINT32_MAX) Throw(env, operation, E2BIG);
  // A private, aligned copy: the verifier's second try must see what the first one saw.
  std::vector<bpf_insn> instructions(code.size / sizeof(bpf_insn));
  if (code.size > 0) std::memcpy(instructions.data(), code.data, code.size);

  LogScope scope(env);
  int fd = -1;
  const auto load = [&](uint32_t log_level, VerifierLog* log) {
    options.log_level = log_level;
    options.log_buf = log == nullptr ? nullptr : log->data();
    options.log_size = log == nullptr ? 0 : log->size();
    fd = bpf_prog_load(static_cast<bpf_prog_type>(type), name.empty() ? nullptr : name.c_str(), license.c_str(),
                       instructions.data(), instructions.size(), &options);
  };
  if (level == 0) load(0, nullptr);
  if (fd < 0) {
    VerifierLog log;
    load(level == 0 ? 1 : level, &log);
    scope.Append(log.text());
    Check(env, operation, fd);
  }
  return Descriptor::Make(env, OwnedFd(fd), Kind::kProgram);
}

Napi::Value ProgramTestRun(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "prog_test_run";
  const Napi::Env env = info.Env();
  const Napi::Value data_value = Field(info[1], "data");
  const Napi::Value context_value = Field(info[1], "context");
  bpf_test_run_opts options = {};
  options.sz = sizeof options;
  options.repeat = static_cast<int>(ToUint32Or(Field(info[1], "repeat"), "repeat", 0));
  options.flags = ToUint32Or(Field(info[1], "flags"), "flags", 0);
  options.cpu = ToUint32Or(Field(info[1], "cpu"), "cpu", 0);
  const Napi::Value room = Field(info[1], "dataSizeOut");
  const uint32_t asked = ToUint32Or(room, "dataSizeOut", 0);
  const Bytes data = ToBytesOr(data_value, "data");
  const Bytes context = ToBytesOr(context_value, "context");
  const uint64_t out = room.IsUndefined() ? (data.size == 0 ? 0 : uint64_t{data.size} + kHeadroom) : asked;
  if (out > kLargestOutput || context.size > kLargestOutput) Throw(env, operation, E2BIG);
  std::vector<uint8_t> data_out(out);
  std::vector<uint8_t> context_out(context.size);
  options.data_in = data.size == 0 ? nullptr : data.data;
  options.data_size_in = static_cast<uint32_t>(data.size);
  options.data_out = data_out.empty() ? nullptr : data_out.data();
  options.data_size_out = static_cast<uint32_t>(data_out.size());
  options.ctx_in = context.size == 0 ? nullptr : context.data;
  options.ctx_size_in = static_cast<uint32_t>(context.size);
  options.ctx_out = context_out.empty() ? nullptr : context_out.data();
  options.ctx_size_out = static_cast<uint32_t>(context_out.size());
  const int fd = Descriptor::From(info[0], "program").Get(operation, Kind::kProgram);
  Check(env, operation, bpf_prog_test_run_opts(fd, &options));

  Napi::Object result = Napi::Object::New(env);
  result.Set("returnValue", Napi::Number::New(env, options.retval));
  result.Set("durationNs", Napi::Number::New(env, options.duration));
  if (!data_out.empty()) {
    result.Set("data", CopyBytes(env, data_out.data(), std::min<size_t>(options.data_size_out, data_out.size())));
  }
  if (!context_out.empty()) {
    result.Set("context", CopyBytes(env, context_out.data(), std::min<size_t>(options.ctx_size_out, context_out.size())));
  }
  return result;
}

Napi::Value EnableStats(const Napi::CallbackInfo& info) {
  const int fd = Check(info.Env(), "enable_stats", bpf_enable_stats(BPF_STATS_RUN_TIME));
  return Descriptor::Make(info.Env(), OwnedFd(fd), Kind::kOther);
}

}  // namespace

void DefinePrograms(Napi::Env env, Napi::Object exports) {
  exports.Set("programInfo", Napi::Function::New(env, ProgramInfo, "programInfo"));
  exports.Set("programLoad", Napi::Function::New(env, ProgramLoad, "programLoad"));
  exports.Set("programTestRun", Napi::Function::New(env, ProgramTestRun, "programTestRun"));
  exports.Set("enableStats", Napi::Function::New(env, EnableStats, "enableStats"));
}

}  // namespace tsbpf
