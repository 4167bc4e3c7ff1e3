import { readFileSync } from "node:fs";
import { join } from "node:path";
import { displayPath } from "../diagnostics/display-path.ts";
import { SourceText } from "../diagnostics/source-text.ts";
import type { LogSite } from "../ir/expressions.ts";
import type { IrModule } from "../ir/module.ts";
import type { IrType } from "../ir/types.ts";
import { packageRoot } from "../package-root.ts";

/** The section that holds the metadata, as JSON in UTF-8; no part of what is loaded. */
export const metadataSection = ".tsbpf";

/** How an 8-byte slot of a log record is shown. */
export type LogArgument =
  | { readonly kind: "int"; readonly bits: number; readonly signed: boolean; readonly bigEndian: boolean }
  | { readonly kind: "bool" }
  | {
      readonly kind: "enum";
      readonly name: string;
      readonly bits: number;
      readonly signed: boolean;
      /** Values in decimal, for JSON has no 64-bit numbers. */
      readonly members: readonly { readonly name: string; readonly value: string }[];
    };

/** What the compiler knows and ELF and BTF have no place for. */
export interface ObjectMetadata {
  readonly version: 1;
  readonly compiler: string;
  /** Relative to the directory the compiler ran in. */
  readonly entry: string;
  readonly minKernel: readonly [major: number, minor: number];
  readonly programs: Readonly<Record<string, { readonly kind: string; readonly section: string }>>;
  readonly logs: readonly {
    readonly id: number;
    readonly level: LogSite["level"];
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly parts: readonly string[];
    readonly arguments: readonly LogArgument[];
  }[];
}

export function metadataOf(module: IrModule, cwd: string): ObjectMetadata {
  const texts = new Map<string, SourceText>();
  return {
    version: 1,
    compiler: compilerName(),
    entry: displayPath(module.entry, cwd),
    minKernel: module.minKernel,
    programs: Object.fromEntries(
      module.programs.map(({ name, kind, section }) => [name, { kind, section }] as const),
    ),
    logs: module.logSites.map((site) => {
      const text = texts.get(site.span.file) ?? new SourceText(module.sources.get(site.span.file) ?? "");
      texts.set(site.span.file, text);
      return {
        id: site.id,
        level: site.level,
        file: displayPath(site.span.file, cwd),
        ...text.positionAt(site.span.start),
        parts: site.parts,
        arguments: site.arguments.map(argumentOf),
      };
    }),
  };
}

function argumentOf(type: IrType): LogArgument {
  if (type.kind === "bool") return { kind: "bool" };
  if (type.kind !== "int") throw new Error(`a ${type.kind} cannot be logged`);
  const { bits, signed } = type;
  if (type.enum === undefined) return { kind: "int", bits, signed, bigEndian: type.bigEndian ?? false };
  const members = type.enum.members.map(({ name, value }) => ({ name, value: value.toString() }));
  return { kind: "enum", name: type.enum.name, bits, signed, members };
}

let name: string | undefined;

function compilerName(): string {
  if (name === undefined) {
    const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
      version: string;
    };
    name = `tsbpf ${manifest.version}`;
  }
  return name;
}
