export { type CompileCOptions, type CompileCResult, compileC } from "./compile.ts";
export { type Clang, findClang } from "./find-clang.ts";
