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

export const toolchain: Category = {
  name: "toolchain",
  checks: [
    { id: "node", title: "Node.js", run: node },
    { id: "addon", title: "native addon", run: addon },
  ],
};
