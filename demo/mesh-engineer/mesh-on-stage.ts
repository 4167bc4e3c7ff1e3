import { Mesh, type MeshOptions, type PolicyRule, type ServiceConfig } from "../../mesh/index.ts";
import { PORTS, type Stage } from "../stage.ts";

/** Addresses that nothing on the stage has: only the mesh knows what they stand for. */
export const SERVICES = [
  { address: "10.96.0.10:80", backends: [`127.0.0.1:${PORTS.web}`] },
  { address: "[fd96::10]:80", backends: [`[::1]:${PORTS.web}`] },
] as const satisfies readonly ServiceConfig[];

export const DENYING_RULE = 20;

/** The client may call the web server. The stranger is denied by name, and everyone else for want of a rule. */
export function policyOf({ workloads, home }: Stage): PolicyRule[] {
  const client = { cgroup: workloads.client.path };
  const allow = (id: number, to: string): PolicyRule => ({
    id,
    action: "allow",
    from: client,
    to,
    port: PORTS.web,
  });
  return [
    allow(10, "127.0.0.1"),
    allow(11, "::1"),
    allow(12, home.ip4),
    allow(13, home.ip6),
    {
      id: DENYING_RULE,
      action: "deny",
      from: { cgroup: workloads.stranger.path },
      to: "any",
      port: PORTS.web,
      reason: "only the client may call the web server",
    },
  ];
}

/**
 * The mesh on the stage's cgroup, and off it again: programs take part in connections that are made while they are attached, and what
 * stands without them is truly without.
 */
export class MeshOnStage {
  readonly #stage: Stage;
  #mesh: Mesh | undefined;
  #shortcut = true;

  constructor(stage: Stage) {
    this.#stage = stage;
    stage.cleanup.use("mesh", this);
  }

  /** With the shortcut, or with everything but it. What is attached already as asked stays. */
  async attach(shortcut = true): Promise<Mesh> {
    if (this.#mesh && this.#shortcut === shortcut) return this.#mesh;
    this.detach();
    const { cgroup, workloads } = this.#stage;
    const options: MeshOptions = {
      workloads: Object.values(workloads).map(({ path }) => ({ cgroup: path })),
      services: SERVICES,
      policy: policyOf(this.#stage),
      shortcut: { enabled: shortcut },
    };
    const mesh = await Mesh.load(options);
    try {
      mesh.attach(cgroup.path);
    } catch (error) {
      mesh.close();
      throw error;
    }
    this.#mesh = mesh;
    this.#shortcut = shortcut;
    return mesh;
  }

  detach(): void {
    this.#mesh?.close();
    this.#mesh = undefined;
  }

  close(): void {
    this.detach();
  }
}
