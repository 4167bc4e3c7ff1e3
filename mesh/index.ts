export { formatEndpoint, parseEndpoint } from "./address.ts";
export { type HazardResult, testHazards } from "./hazards.ts";
export { type CgroupProgram, Mesh, type MeshOptions, type WorkloadConfig } from "./mesh.ts";
export type {
  DenialCount,
  DenialReason,
  DenialReport,
  PathBytes,
  TrafficReport,
  TranslationReport,
  WorkloadName,
} from "./observe.ts";
export type { PolicyRule } from "./policy.ts";
export { type EndReport, type ProbeOptions, type ProbeReport, runProbe, type Scenario } from "./probe.ts";
export type { ServiceConfig } from "./services.ts";
export type { ShortcutOptions } from "./settings.ts";
export { type StartedMesh, type StartOptions, startMesh } from "./start.ts";
