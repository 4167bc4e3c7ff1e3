{
  # Built by scripts/setup.mjs, which puts libbpf's headers and static library into vendor/libbpf first, or sets libbpf_fallback where
  # Debian's own libbpf-dev (1.1) has to do, whose static library is not position-independent.
  "variables": { "libbpf_fallback%": 0 },
  "targets": [
    {
      "target_name": "tsbpf",
      "sources": [
        "src/addon.cc",
        "src/bpf_link.cc",
        "src/bpf_map.cc",
        "src/bpf_object.cc",
        "src/bpf_program.cc",
        "src/btf.cc",
        "src/descriptor.cc",
        "src/error.cc",
        "src/id.cc",
        "src/log.cc",
        "src/map_memory.cc",
        "src/netdev.cc",
        "src/path.cc",
        "src/ring.cc",
        "src/ring_buffer.cc",
        "src/value.cc",
        "src/verifier_log.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      # NAPI_VERSION 8 is the first with type tags, asynchronous cleanup hooks and Object::Freeze; Node 20 has it.
      # A worker that is being terminated takes no exception, and node-addon-api would abort the process over it without the third.
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_CPP_EXCEPTIONS_ALL",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "_GNU_SOURCE"
      ],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-restrict", "-fvisibility=hidden"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
      "ldflags": ["-Wl,--exclude-libs,libbpf.a"],
      "conditions": [
        [
          "libbpf_fallback==1",
          { "defines": ["TSBPF_LIBBPF_1_1"], "libraries": ["-lbpf"] },
          {
            "include_dirs": ["vendor/libbpf/include"],
            "libraries": ["../vendor/libbpf/lib/libbpf.a", "-lelf", "-lz"]
          }
        ]
      ]
    },
    {
      # What tries the mesh's shortcut on real connections: it needs system calls that Node does not offer, in processes of its own.
      "target_name": "stream-probe",
      "type": "executable",
      "sources": ["probe/probe.c", "probe/scenarios.c"],
      "cflags_c": ["-std=gnu17", "-Wall", "-Wextra"]
    }
  ]
}
