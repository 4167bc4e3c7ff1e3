import { findClang } from "../../compiler/toolchain/find-clang.ts";
import { runClang } from "../../compiler/toolchain/run-clang.ts";
import { binding, NativeUnavailableError } from "../../runtime/native.ts";
import { type Category, type Outcome, ok } from "./check.ts";

const OLDEST_NODE = 20;

function node(): Outcome {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= OLDEST_NODE) return ok(process.versions.node);
  return {
    status: "error",
    detail: process.versions.node,
    hint: `Node.js ${OLDEST_NODE} or newer is needed`,
  };
}

function addon(): Outcome {
  try {
    return ok(`libbpf ${binding().libbpfVersion()}`);
  } catch (error) {
    if (!(error instanceof NativeUnavailableError)) throw error;
    return {
      status: "error",
      detail: error.message.replace("load addon: ", "").replace(` (${error.remedy})`, ""),
      hint: error.remedy,
      code: "TSB4011",
    };
  }
}

/** Found as `build` finds it, and given something to compile: a clang may have been built without the BPF target. */
async function clang(): Promise<Outcome> {
  const found = findClang();
  if ("code" in found) {
    return {
      status: "error",
      detail: found.message,
      hint: "apt-get install clang-19; only building needs it",
      code: found.code,
    };
  }
  const { status, messages } = await runClang(found, "int answer = 42;\n");
  if (status === 0) return ok(found.path);
  return {
    status: "error",
    detail: `${found.path} cannot compile for BPF: ${messages.split("\n")[0] ?? ""}`,
    hint: "install another clang, or name one by TSBPF_CLANG",
    code: "TSB3003",
  };
}

export const toolchain: Category = {
  name: "toolchain",
  checks: [
    { id: "node", title: "Node.js", run: node },
    { id: "clang", title: "clang", run: clang },
    { id: "addon", title: "native addon", run: addon },
  ],
};
