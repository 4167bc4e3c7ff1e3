// Network devices: their names and numbers, and for kernels and drivers without a link classic tc (cls_bpf on clsact) and XDP by netlink.

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string>

#include "addon.h"
#include "error.h"
#include "value.h"

namespace tsbpf {
namespace {

int InterfaceIndex(const Napi::Value& value) {
  const uint32_t index = ToUint32(value, "ifindex");
  if (index == 0 || index > INT_MAX) ThrowType(value.Env(), "ifindex must be an integer from 1 to 2147483647");
  return static_cast<int>(index);
}

bpf_tc_attach_point Direction(const Napi::Value& value) {
  const std::string direction = ToText(value, "direction");
  if (direction == "ingress") return BPF_TC_INGRESS;
  if (direction == "egress") return BPF_TC_EGRESS;
  ThrowType(value.Env(), "direction must be ingress or egress");
}

bpf_tc_hook Hook(int ifindex, int attach_point) {
  bpf_tc_hook hook = {};
  hook.sz = sizeof hook;
  hook.ifindex = ifindex;
  hook.attach_point = static_cast<bpf_tc_attach_point>(attach_point);
  return hook;
}

// Whether any filter is left under a parent of the clsact qdisc. libbpf can only ask for one whose handle is known. An error counts as a
// filter: what is not known to be empty stays.
bool HasFilters(int ifindex, uint32_t minor) {
  const OwnedFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket.open()) return true;
  struct {
    nlmsghdr header;
    tcmsg body;
  } request = {};
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.body);
  request.header.nlmsg_type = RTM_GETTFILTER;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.tcm_family = AF_UNSPEC;
  request.body.tcm_ifindex = ifindex;
  request.body.tcm_parent = TC_H_MAKE(TC_H_CLSACT, minor);
  if (send(socket.get(), &request, request.header.nlmsg_len, 0) < 0) return true;
  // A dump's first message is enough to know: either a filter or the end.
  alignas(nlmsghdr) char reply[32 * 1024];
  const ssize_t size = recv(socket.get(), reply, sizeof reply, 0);
  if (size < static_cast<ssize_t>(sizeof(nlmsghdr))) return true;
  return reinterpret_cast<const nlmsghdr*>(reply)->nlmsg_type != NLMSG_DONE;
}

void DestroyQdisc(int ifindex) {
  // Both directions name the qdisc itself; a single one would flush that direction's filters.
  bpf_tc_hook both = Hook(ifindex, BPF_TC_INGRESS | BPF_TC_EGRESS);
  bpf_tc_hook_destroy(&both);
}

Napi::Value TcAttach(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "tc_attach";
  const Napi::Env env = info.Env();
  const int ifindex = InterfaceIndex(info[1]);
  bpf_tc_hook hook = Hook(ifindex, Direction(info[2]));
  bpf_tc_opts options = {};
  options.sz = sizeof options;
  options.handle = ToUint32Or(Field(info[3], "handle"), "handle", 0);
  options.priority = ToUint32Or(Field(info[3], "priority"), "priority", 0);
  const Napi::Value replace = Field(info[3], "replace");
  if (!replace.IsUndefined() && ToBool(replace, "replace")) options.flags = BPF_TC_F_REPLACE;
  options.prog_fd = Descriptor::From(info[0], "program").Get(operation, Kind::kProgram);

  bool created = true;
  {
    // A qdisc that is there already is the usual case, and libbpf warns about it.
    const LogScope quiet(env);
    const int result = bpf_tc_hook_create(&hook);
    created = result == 0;
    if (result != -EEXIST) Check(env, "tc_qdisc_create", result);
  }
  const LogScope log(env);
  if (const int result = bpf_tc_attach(&hook, &options); result < 0) {
    const Napi::Error error = MakeError(env, operation, -result);
    if (created) DestroyQdisc(ifindex);
    throw error;
  }
  Napi::Object filter = Napi::Object::New(env);
  filter.Set("handle", Napi::Number::New(env, options.handle));
  filter.Set("priority", Napi::Number::New(env, options.priority));
  filter.Set("createdQdisc", Napi::Boolean::New(env, created));
  return filter;
}

void TcDetach(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "tc_detach";
  const Napi::Env env = info.Env();
  const int ifindex = InterfaceIndex(info[0]);
  const bpf_tc_hook hook = Hook(ifindex, Direction(info[1]));
  bpf_tc_opts options = {};
  options.sz = sizeof options;
  options.handle = ToUint32(Field(info[2], "handle"), "handle");
  options.priority = ToUint32(Field(info[2], "priority"), "priority");
  const bool created = ToBool(Field(info[2], "createdQdisc"), "createdQdisc");
  const LogScope log(env);
  Check(env, operation, bpf_tc_detach(&hook, &options));
  // Deleting the qdisc deletes everyone's filters, so it stays while it has any.
  if (created && !HasFilters(ifindex, TC_H_MIN_INGRESS) && !HasFilters(ifindex, TC_H_MIN_EGRESS)) DestroyQdisc(ifindex);
}

void XdpAttach(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "xdp_attach";
  const int ifindex = InterfaceIndex(info[1]);
  const uint32_t flags = ToUint32(info[2], "flags");
  const int program = Descriptor::From(info[0], "program").Get(operation, Kind::kProgram);
  const LogScope log(info.Env());
  Check(info.Env(), operation, bpf_xdp_attach(ifindex, program, flags, nullptr));
}

void XdpDetach(const Napi::CallbackInfo& info) {
  constexpr const char* operation = "xdp_detach";
  const int ifindex = InterfaceIndex(info[1]);
  // Only this program: another one that took its place since stays (net/core/dev.c: dev_change_xdp_fd).
  const uint32_t flags = ToUint32(info[2], "flags") | XDP_FLAGS_REPLACE;
  bpf_xdp_attach_opts options = {};
  options.sz = sizeof options;
  options.old_prog_fd = Descriptor::From(info[0], "program").Get(operation, Kind::kProgram);
  const LogScope log(info.Env());
  Check(info.Env(), operation, bpf_xdp_detach(ifindex, flags, &options));
}

// By ioctl and not by /sys/class/net: that shows the namespace that mounted it, which need not be this thread's.
Napi::Value DeviceIndex(const Napi::CallbackInfo& info) {
  const std::string name = ToText(info[0], "name");
  const unsigned index = if_nametoindex(name.c_str());
  if (index != 0) return Napi::Number::New(info.Env(), index);
  if (errno != ENODEV && errno != ENXIO) Throw(info.Env(), "if_nametoindex", errno);
  return info.Env().Undefined();
}

Napi::Value DeviceName(const Napi::CallbackInfo& info) {
  char name[IF_NAMESIZE];
  if (if_indextoname(ToUint32(info[0], "index"), name) != nullptr) return Napi::String::New(info.Env(), name);
  if (errno != ENODEV && errno != ENXIO) Throw(info.Env(), "if_indextoname", errno);
  return info.Env().Undefined();
}

}  // namespace

void DefineNetworkDevices(Napi::Env env, Napi::Object exports) {
  exports.Set("tcAttach", Napi::Function::New(env, TcAttach, "tcAttach"));
  exports.Set("tcDetach", Napi::Function::New(env, TcDetach, "tcDetach"));
  exports.Set("xdpAttach", Napi::Function::New(env, XdpAttach, "xdpAttach"));
  exports.Set("xdpDetach", Napi::Function::New(env, XdpDetach, "xdpDetach"));
  exports.Set("deviceIndex", Napi::Function::New(env, DeviceIndex, "deviceIndex"));
  exports.Set("deviceName", Napi::Function::New(env, DeviceName, "deviceName"));
}

}  // namespace tsbpf
