import { invalidMeshOption, tooMany } from "../compiler/diagnostics/mesh-configuration.ts";
import { BpfError, type Collection, type Link, load, type Subscription } from "../runtime/index.ts";
import { Cgroups } from "./cgroups.ts";
import { Action, compiledDataPlane, type DataPlane, Pick, TCP } from "./data-plane.ts";
import {
  type DenialCount,
  type DenialReport,
  denialCount,
  denialReport,
  type TrafficReport,
  type TranslationReport,
  trafficReport,
  translationReport,
  type WorkloadName,
} from "./observe.ts";
import { ANY_SOURCE, compilePolicy, type PolicyRule, type RuleEntry, UNKNOWN_SOURCE } from "./policy.ts";
import { parseServices, type ServiceConfig, type ServiceEntry } from "./services.ts";
import { readSettings, type ShortcutOptions } from "./settings.ts";

export interface WorkloadConfig {
  /** The workload is what runs in this cgroup and below. */
  readonly cgroup: string;
  /** False for what the shortcut cannot carry: splice(2), MSG_WAITALL, kernel TLS. Default true. */
  readonly shortcut?: boolean;
}

export interface MeshOptions {
  /** A compiled object of `programs/mesh/mesh.bpf.ts`, or the path of a source to compile; by default the one that the set-up has compiled. */
  readonly object?: string | Uint8Array;
  readonly workloads?: readonly WorkloadConfig[];
  readonly services?: readonly ServiceConfig[];
  /** Left out, everything is allowed. With rules, what none allows is denied. */
  readonly policy?: readonly PolicyRule[];
  readonly shortcut?: ShortcutOptions;
}

/** Programs that run in the cgroups of the mesh; the other ones belong to the map of sockets. */
const cgroupPrograms = ["connect4", "connect6", "egress", "ingress", "sockops", "lowWater"] as const;
export type CgroupProgram = (typeof cgroupPrograms)[number];

/** Prefixes of the `rules` map: everything before the address counts in full. */
const FIXED_BITS = (4 + 8 + 4 + 4) * 8;

/**
 * The data plane in the kernel. It acts on the cgroups that it is attached to, and ends with `close()` or with this process.
 *
 *     using mesh = await Mesh.load({ services: [{ address: "10.96.0.10:80", backends: ["127.0.0.1:8080"] }] });
 *     mesh.attach("/sys/fs/cgroup/shop");
 *
 * Minimum kernel: 6.1.
 */
export class Mesh implements Disposable {
  /** Whether sockets are enrolled for socket-to-socket delivery. */
  readonly shortcutEnabled: boolean;
  readonly enforcesPolicy: boolean;
  private readonly app: Collection<DataPlane>;
  private readonly cgroups = new Cgroups();
  private readonly links: Link[] = [];
  private configured: ReadonlyMap<bigint, { readonly shortcutOff: boolean }> = new Map();
  private namedByRules: ReadonlySet<bigint> = new Set();
  private generation = 0;
  private nextService = 1;
  private reasons = new Map<number, string>();
  private closed = false;

  private constructor(app: Collection<DataPlane>, shortcutEnabled: boolean, enforcesPolicy: boolean) {
    this.app = app;
    this.shortcutEnabled = shortcutEnabled;
    this.enforcesPolicy = enforcesPolicy;
  }

  /**
   * Loads the programs, and attaches none.
   *
   * @throws {BpfError} TSB4xxx where the kernel refuses, TSB5xxx and TSB6xxx where the configuration is wrong; nothing is left behind.
   */
  static async load(options: MeshOptions = {}): Promise<Mesh> {
    checkOptions(options);
    const shortcut = readSettings(options.shortcut);
    const enforce = options.policy !== undefined;
    const app = await load<DataPlane>(options.object ?? compiledDataPlane(), {
      constants: { shortcutSettings: shortcut, policySettings: { enforce } },
    });
    const mesh = new Mesh(app, shortcut.enabled, enforce);
    try {
      mesh.start(options);
      return mesh;
    } catch (error) {
      mesh.close();
      throw error;
    }
  }

  private start(options: MeshOptions): void {
    const { traffic, sockets } = this.app.maps;
    const cpus = this.app.maps.lostDenials.get(0)?.length ?? 1;
    const none = { opened: 0n, failed: 0n, closed: 0n, rttSamples: 0n, rttTotalUs: 0n, rttMaxUs: 0n };
    const counters = { ...none, sentTcp: 0n, sentRedirected: 0n, receivedTcp: 0n, receivedRedirected: 0n };
    traffic.set(
      { workload: 0n, server: { address: new Uint32Array(4), port: 0 }, role: 0 },
      Array.from({ length: cpus }, () => counters),
    );
    this.setWorkloads(options.workloads ?? []);
    this.setServices(options.services ?? []);
    if (options.policy !== undefined) this.setPolicy(options.policy);
    // A socket takes its programs when it is enrolled, so they are there before the first one.
    this.links.push(this.app.programs.unread.attach({ map: sockets }));
    this.links.push(this.app.programs.shortcut.attach({ map: sockets }));
  }

  /**
   * Makes a cgroup, with all below it, part of the mesh. Connections that stand already are left alone.
   *
   * @param programs which programs; all by default.
   * @throws {BpfError} TSB5005 where the path is no cgroup; TSB4xxx where the kernel refuses, and then nothing stays attached.
   */
  attach(cgroup: string, programs: readonly CgroupProgram[] = cgroupPrograms): void {
    this.cgroups.idOf(cgroup, "attach", "attach mesh");
    const attached: Link[] = [];
    try {
      for (const name of programs) attached.push(this.app.programs[name].attach({ cgroup }));
    } catch (error) {
      for (const link of attached.reverse()) link.close();
      throw error;
    }
    this.links.push(...attached);
  }

  /** Replaces the workloads. A cgroup that a rule names is one without being told. */
  setWorkloads(workloads: readonly WorkloadConfig[]): void {
    const operation = "set workloads";
    const configured = new Map(
      workloads.map(({ cgroup, shortcut = true }, index) => {
        const id = this.cgroups.idOf(cgroup, `workloads[${index}].cgroup`, operation);
        return [id, { shortcutOff: !shortcut }] as const;
      }),
    );
    const most = this.app.maps.workloads.maxEntries;
    if (configured.size > most) {
      throw new BpfError(operation, tooMany(undefined, "workloads", configured.size, most));
    }
    this.configured = configured;
    this.writeWorkloads();
  }

  private writeWorkloads(): void {
    const map = this.app.maps.workloads;
    const named = [...this.namedByRules].map((id) => [id, { shortcutOff: false }] as const);
    const wanted = new Map([...named, ...this.configured]);
    for (const [id, value] of wanted) map.set(id, value);
    for (const id of [...map.keys()]) if (!wanted.has(id)) map.delete(id);
  }

  /**
   * Replaces the services. Connections that stand stay where they are.
   *
   * @throws {BpfError} TSB5001 to TSB5006, before anything is changed.
   */
  setServices(services: readonly ServiceConfig[]): void {
    const { services: map, backends } = this.app.maps;
    // Old and new backends are there together.
    const entries = parseServices(services, {
      services: map.maxEntries,
      backends: Math.floor(backends.maxEntries / 2),
    });
    // What the last change replaced: a program that was just running may have needed it until now.
    const current = new Set([...map.values()].map(({ id }) => id));
    for (const key of [...backends.keys()]) if (!current.has(key.service)) backends.delete(key);
    const wanted = new Set(entries.map((entry) => this.writeService(entry)));
    for (const [endpoint, { id }] of [...map.entries()]) if (!wanted.has(id)) map.delete(endpoint);
  }

  /** Backends first, under an id that no program has seen: the service's one entry then names them all at once. */
  private writeService({ endpoint, backends, roundRobin }: ServiceEntry): number {
    const id = this.nextService++;
    backends.forEach((backend, slot) => {
      this.app.maps.backends.set({ service: id, slot }, backend);
    });
    const pick = roundRobin ? Pick.ROUND_ROBIN : Pick.RANDOM;
    this.app.maps.services.set(endpoint, { id, backends: backends.length, pick, next: 0 });
    return id;
  }

  /**
   * Replaces the rules, all at once.
   *
   * @throws {BpfError} TSB6001 to TSB6006 and TSB5005, before anything is changed.
   */
  setPolicy(rules: readonly PolicyRule[]): void {
    const operation = "set policy";
    if (!this.enforcesPolicy) {
      const help = "give `policy` when the mesh is loaded, if need be an empty one, which denies everything";
      throw new BpfError(operation, invalidMeshOption(undefined, "policy", "was left out at load", help));
    }
    const { rules: map, policyState } = this.app.maps;
    const idOf = (path: string, place: string) => this.cgroups.idOf(path, place, operation);
    const entries = compilePolicy(rules, idOf, Math.floor(map.maxEntries / 2));
    // What the last change replaced, or failed to: a program that was just running may have needed it until now.
    const active = policyState.get(0)?.generation;
    for (const key of [...map.keys()]) if (key.generation !== active) map.delete(key);
    const generation = ++this.generation;
    for (const entry of entries) {
      map.set(ruleKey(entry, generation), { action: entry.allow ? Action.ALLOW : Action.DENY, id: entry.id });
    }
    // A rule's cgroup is a workload before the rule holds, and one that only an old rule names until it no longer does.
    const named = entries
      .map(({ source }) => source)
      .filter((id) => id !== ANY_SOURCE && id !== UNKNOWN_SOURCE);
    this.namedByRules = new Set([...this.namedByRules, ...named]);
    this.writeWorkloads();
    policyState.set(0, { generation });
    this.namedByRules = new Set(named);
    this.writeWorkloads();
    this.reasons = new Map(
      rules.flatMap(({ id, reason }) => (reason === undefined ? [] : [[id, reason] as const])),
    );
  }

  /** What every workload has sent and received, and with whom. */
  traffic(): TrafficReport[] {
    return [...this.app.maps.traffic.entries()]
      .map(([key, perCpu]) => trafficReport(key, perCpu, this.nameOf))
      .filter((report) => report.server !== undefined || report.opened + report.sent.total > 0n);
  }

  /** How often which service was translated to which backend. */
  translations(): TranslationReport[] {
    return [...this.app.maps.translations.entries()].map(([key, perCpu]) => translationReport(key, perCpu));
  }

  /** How often whom was denied what. */
  denialCounts(): DenialCount[] {
    return [...this.app.maps.denialCounts.entries()].map(([key, count]) =>
      denialCount(key, count, this.nameOf),
    );
  }

  /** Calls back with every denial from now on. */
  onDenial(callback: (denial: DenialReport) => void): Subscription {
    const reasonOf = (rule: number) => this.reasons.get(rule);
    return this.app.maps.denials.on((denial) => callback(denialReport(denial, this.nameOf, reasonOf)));
  }

  /** Denials that were counted but found no room in the buffer of {@link onDenial}. */
  get lostDenials(): bigint {
    return (this.app.maps.lostDenials.get(0) ?? []).reduce((total, lost) => total + lost, 0n);
  }

  /** Connections between sockets of the mesh that are on record. */
  get connectionCount(): number {
    return this.app.maps.connections.size;
  }

  /** Kernel ids, for `bpftool prog show id`. */
  programIds(): { readonly name: string; readonly id: number }[] {
    return [...cgroupPrograms, "shortcut" as const, "unread" as const].map((name) => ({
      name,
      id: this.app.programs[name].id,
    }));
  }

  private readonly nameOf = (cgroupId: bigint): WorkloadName => ({
    cgroupId,
    path: this.cgroups.pathOf(cgroupId),
  });

  /** Sends everything over TCP from now on, also on connections that stand. There is no way back for those. */
  pauseShortcut(): void {
    this.app.maps.shortcutState.set(0, { paused: true });
  }

  /**
   * Detaches and unloads everything. Connections stay and go on over TCP, but bytes that were redirected and not yet read are dropped by the
   * kernel with the map that holds their sockets: call {@link pauseShortcut} some time before, so that readers can catch up.
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (!this.app.closed) this.pauseShortcut();
    for (const link of this.links.reverse()) link.close();
    this.app.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function ruleKey({ source, port, prefix }: RuleEntry, generation: number) {
  return {
    prefixlen: FIXED_BITS + prefix.length,
    generation,
    source,
    protocol: TCP,
    port,
    address: prefix.address,
  };
}

const optionNames = ["object", "workloads", "services", "policy", "shortcut"];

function checkOptions(options: MeshOptions): void {
  for (const name of Object.keys(options)) {
    if (optionNames.includes(name)) continue;
    const help = `the options are ${optionNames.join(", ")}`;
    throw new BpfError("load mesh", invalidMeshOption(undefined, name, "is not known", help));
  }
}
