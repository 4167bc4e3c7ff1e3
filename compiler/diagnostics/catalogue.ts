import * as atomics from "./atomics.ts";
import * as attach from "./attach.ts";
import * as attachPoint from "./attach-point.ts";
import * as constructs from "./constructs.ts";
import * as controlFlow from "./control-flow.ts";
import * as conversions from "./conversions.ts";
import type { DiagnosticFactory } from "./define.ts";
import * as disposables from "./disposables.ts";
import * as files from "./files.ts";
import * as functions from "./functions.ts";
import * as globals from "./globals.ts";
import * as integers from "./integers.ts";
import * as internal from "./internal.ts";
import * as kernelWorld from "./kernel-world.ts";
import * as load from "./load.ts";
import * as mapAccess from "./map-access.ts";
import * as maps from "./maps.ts";
import * as meshConfiguration from "./mesh-configuration.ts";
import * as meshPolicy from "./mesh-policy.ts";
import * as modules from "./modules.ts";
import * as nullability from "./nullability.ts";
import * as objects from "./objects.ts";
import * as output from "./output.ts";
import * as packets from "./packets.ts";
import * as programShape from "./program-shape.ts";
import * as programs from "./programs.ts";
import * as simulator from "./simulator.ts";
import * as toolchain from "./toolchain.ts";
import * as types from "./types.ts";
import * as unsupportedSyntax from "./unsupported-syntax.ts";
import * as verifier from "./verifier.ts";

/** The files of this folder that define codes. A new one is added here and nowhere else. */
const areas: readonly Readonly<Record<string, unknown>>[] = [
  constructs,
  types,
  integers,
  controlFlow,
  functions,
  globals,
  maps,
  programs,
  disposables,
  packets,
  atomics,
  attach,
  attachPoint,
  files,
  internal,
  load,
  mapAccess,
  conversions,
  kernelWorld,
  nullability,
  programShape,
  unsupportedSyntax,
  meshConfiguration,
  meshPolicy,
  modules,
  objects,
  output,
  simulator,
  toolchain,
  verifier,
];

export interface CatalogueEntry {
  readonly code: string;
  readonly title: string;
}

/** Every code that the package can give under its own numbers, in order of code. */
export const catalogue: ReadonlyMap<string, CatalogueEntry> = new Map(
  areas
    .flatMap((area) => Object.values(area))
    .filter(isFactory)
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, title }) => [code, { code, title }]),
);

function isFactory(value: unknown): value is DiagnosticFactory {
  return typeof value === "function" && "code" in value && "title" in value;
}
