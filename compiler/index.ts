export { type BuildOptions, type BuildResult, build } from "./build.ts";
export { type CheckResult, type CompileOptions, check } from "./check.ts";
export type { Diagnostic, Fix, Label, Severity, Span } from "./diagnostics/diagnostic.ts";
export { type DiagnosticFormat, type RenderOptions, renderDiagnostics } from "./diagnostics/render.ts";
