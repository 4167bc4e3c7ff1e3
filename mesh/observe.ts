import type * as programs from "../programs/mesh/mesh.bpf.ts";
import type { User } from "../runtime/index.ts";
import { formatEndpoint } from "./address.ts";
import { Direction, Reason, Role } from "./data-plane.ts";

/** A workload in what the mesh tells: its cgroup. */
export interface WorkloadName {
  /** 0 for a source that is unknown. */
  readonly cgroupId: bigint;
  /** Where the mesh was told the path. */
  readonly path: string | undefined;
}

/** A workload's connections with one server since the mesh was loaded. */
export interface TrafficReport {
  readonly workload: WorkloadName;
  readonly role: "client" | "server";
  /** Address and port of the server; `undefined` for what found no room in the map and is summed up here. */
  readonly server: string | undefined;
  readonly opened: bigint;
  /** Attempts that did not become a connection. */
  readonly failed: bigint;
  readonly closed: bigint;
  readonly rtt: { readonly samples: bigint; readonly meanUs: number; readonly maxUs: bigint };
  /** Bytes of payload. */
  readonly sent: PathBytes;
  readonly received: PathBytes;
}

export interface PathBytes {
  readonly total: bigint;
  readonly tcp: bigint;
  readonly redirected: bigint;
}

export type DenialReason = "no rule" | "rule" | "unreadable packet" | "no backend";

export interface DenialReport {
  /** Nanoseconds since boot (CLOCK_MONOTONIC). */
  readonly timeNs: bigint;
  readonly source: WorkloadName;
  /** Where the SYN came from; in connect(2) there is no such address yet. */
  readonly client: string | undefined;
  readonly server: string;
  readonly direction: "egress" | "ingress";
  readonly reason: DenialReason;
  /** The rule that denies. */
  readonly rule: number | undefined;
  /** What that rule gives as its reason. */
  readonly ruleReason: string | undefined;
}

export interface DenialCount {
  readonly source: WorkloadName;
  readonly direction: "egress" | "ingress";
  readonly reason: DenialReason;
  readonly rule: number | undefined;
  readonly count: bigint;
}

export interface TranslationReport {
  readonly service: string;
  readonly backend: string;
  readonly count: bigint;
}

export type NameWorkload = (cgroupId: bigint) => WorkloadName;

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

export function trafficReport(
  key: User<programs.TrafficKey>,
  perCpu: readonly User<programs.Traffic>[],
  nameOf: NameWorkload,
): TrafficReport {
  const total = (field: keyof programs.Traffic) => sum(perCpu.map((traffic) => traffic[field]));
  const bytes = (tcp: bigint, redirected: bigint): PathBytes => ({
    total: tcp + redirected,
    tcp,
    redirected,
  });
  const samples = total("rttSamples");
  return {
    workload: nameOf(key.workload),
    role: key.role === Role.CLIENT ? "client" : "server",
    server: key.server.port === 0 ? undefined : formatEndpoint(key.server),
    opened: total("opened"),
    failed: total("failed"),
    closed: total("closed"),
    rtt: {
      samples,
      meanUs: samples === 0n ? 0 : Number(total("rttTotalUs")) / Number(samples),
      // Math.max takes no bigint.
      maxUs: perCpu.map(({ rttMaxUs }) => rttMaxUs).sort((a, b) => (a < b ? 1 : -1))[0] ?? 0n,
    },
    sent: bytes(total("sentTcp"), total("sentRedirected")),
    received: bytes(total("receivedTcp"), total("receivedRedirected")),
  };
}

const reasons: Readonly<Record<programs.Reason, DenialReason>> = {
  [Reason.NO_RULE]: "no rule",
  [Reason.RULE]: "rule",
  [Reason.UNREADABLE]: "unreadable packet",
  [Reason.NO_BACKEND]: "no backend",
};

function verdictOf(
  record: { source: bigint; direction: number; reason: programs.Reason; rule: number },
  nameOf: NameWorkload,
) {
  return {
    source: nameOf(record.source),
    direction: record.direction === Direction.EGRESS ? ("egress" as const) : ("ingress" as const),
    reason: reasons[record.reason],
    rule: record.rule === 0 ? undefined : record.rule,
  };
}

export function denialReport(
  denial: User<programs.Denial>,
  nameOf: NameWorkload,
  reasonOf: (rule: number) => string | undefined,
): DenialReport {
  return {
    timeNs: denial.timeNs,
    ...verdictOf(denial, nameOf),
    client: denial.client.port === 0 ? undefined : formatEndpoint(denial.client),
    server: formatEndpoint(denial.server),
    ruleReason: reasonOf(denial.rule),
  };
}

export function denialCount(key: User<programs.DenialKey>, count: bigint, nameOf: NameWorkload): DenialCount {
  return { ...verdictOf(key, nameOf), count };
}

export function translationReport(
  key: User<programs.Translation>,
  perCpu: readonly bigint[],
): TranslationReport {
  return { service: formatEndpoint(key.service), backend: formatEndpoint(key.backend), count: sum(perCpu) };
}
