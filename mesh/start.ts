import { type HazardResult, testHazards } from "./hazards.ts";
import { Mesh, type MeshOptions } from "./mesh.ts";

export interface StartOptions extends MeshOptions {
  /** The cgroups that become the mesh. */
  readonly cgroups: readonly string[];
  /** Told why the shortcut stays off; by default a line on stderr. */
  readonly report?: (line: string) => void;
}

export interface StartedMesh {
  readonly mesh: Mesh;
  /** Empty where the shortcut was not wanted, and so not tried. */
  readonly hazards: readonly HazardResult[];
}

/**
 * Tries the shortcut on this kernel, loads the mesh with it, or where a hazard is real without it, and attaches the mesh.
 *
 * @throws {BpfError} as `testHazards`, `Mesh.load` and `Mesh.attach`; then nothing is left behind.
 */
export async function startMesh(options: StartOptions): Promise<StartedMesh> {
  const { cgroups, report = (line) => console.error(line), ...settings } = options;
  const wanted = settings.shortcut?.enabled ?? true;
  const object = settings.object === undefined ? {} : { object: settings.object };
  const hazards = wanted ? await testHazards(object) : [];
  const failed = hazards.filter(({ passed }) => !passed);
  for (const { name, hazard, detail } of failed) report(`shortcut off: ${name}: ${hazard} (${detail})`);
  const enabled = wanted && failed.length === 0;
  const mesh = await Mesh.load({ ...settings, shortcut: { ...settings.shortcut, enabled } });
  try {
    for (const cgroup of cgroups) mesh.attach(cgroup);
    return { mesh, hazards };
  } catch (error) {
    mesh.close();
    throw error;
  }
}
