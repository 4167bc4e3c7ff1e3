import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import {
  foreignImport,
  importNotFound,
  importNotSource,
  runtimeImport,
  unknownLibrary,
} from "../diagnostics/modules.ts";
import { packageRoot } from "../package-root.ts";
import type { Overlay } from "./read-source.ts";

/** A real path, or what is wrong with the specifier. */
export type Resolution = { readonly path: string } | { readonly problem: (span: Span) => Diagnostic };

/**
 * Where an import leads. Nothing but relative paths and the standard library means anything in the kernel, so `node_modules`, `paths`
 * and package exports of others are never looked at.
 */
export function resolveModule(specifier: string, importer: string, overlay?: Overlay): Resolution {
  if (specifier === "." || specifier === ".." || /^\.\.?\//.test(specifier)) {
    return resolveRelative(specifier, importer, overlay);
  }
  if (specifier === "tsbpf" || specifier === "tsbpf/compiler")
    return { problem: (span) => runtimeImport(span) };
  if (/^tsbpf(\/|$)/.test(specifier)) {
    const path = libraryModules().get(specifier);
    if (path !== undefined) return { path };
    return { problem: (span) => unknownLibrary(span, specifier, [...libraryModules().keys()]) };
  }
  return { problem: (span) => foreignImport(span, specifier) };
}

function resolveRelative(specifier: string, importer: string, overlay: Overlay | undefined): Resolution {
  for (const candidate of candidates(specifier)) {
    const path = join(dirname(importer), candidate);
    if (existsSync(path)) return { path: realpathSync.native(path) };
    if (overlay?.has(path)) return { path };
  }
  if (/\.(ts|js)$/.test(specifier)) return { problem: (span) => importNotFound(span, specifier) };
  const stem = specifier.replace(/\.bpf$/, "");
  const meant = [`${stem}.bpf.ts`, `${stem}.ts`].find((name) => existsSync(join(dirname(importer), name)));
  if (meant === undefined && /\.[a-z]+$/i.test(specifier) && !specifier.endsWith(".bpf")) {
    return { problem: (span) => importNotSource(span, specifier) };
  }
  return { problem: (span) => importNotFound(span, specifier, meant) };
}

/** TypeScript's convention: a specifier may name the `.js` that a `.ts` would become. */
function candidates(specifier: string): string[] {
  if (specifier.endsWith(".ts")) return [specifier];
  if (!specifier.endsWith(".js")) return [];
  const stem = specifier.slice(0, -".js".length);
  return [`${stem}.ts`, `${stem}.d.ts`];
}

let modules: ReadonlyMap<string, string> | undefined;

/** `tsbpf/stdlib` and the modules below it, as the package's exports name them under the `tsbpf` condition. */
function libraryModules(): ReadonlyMap<string, string> {
  modules ??= readLibraryModules();
  return modules;
}

function readLibraryModules(): ReadonlyMap<string, string> {
  const { exports } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    exports: Record<string, string | Record<string, string | null>>;
  };
  const found = new Map<string, string>();
  for (const [name, target] of Object.entries(exports)) {
    if (!/^\.\/stdlib(\/|$)/.test(name) || typeof target === "string") continue;
    const file = target.tsbpf ?? target.types;
    if (typeof file === "string") found.set(`tsbpf${name.slice(1)}`, join(packageRoot, file));
  }
  return found;
}
