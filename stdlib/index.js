// What user space gets of `tsbpf/stdlib`: the enums. All else exists only in the kernel, in `*.bpf.ts` files.
export * from "./uapi.js";
