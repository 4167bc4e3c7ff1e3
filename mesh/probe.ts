import { spawn } from "node:child_process";
import { probeMissing } from "../compiler/diagnostics/mesh-configuration.ts";
import { BpfError } from "../runtime/index.ts";
import { nativeFile } from "../runtime/native.ts";

/** What `native/probe/scenarios.c` has; `stream-probe` alone lists them. */
export type Scenario =
  | "exchange"
  | "eager"
  | "write-close"
  | "server-write-close"
  | "half-close"
  | "half-close-early"
  | "reset"
  | "server-first"
  | "peek"
  | "epoll-edge"
  | "low-water"
  | "wait-all"
  | "unread"
  | "never-reads"
  | "writes-never-reads"
  | "answer-unread"
  | "splice"
  | "fast-open"
  | "forge";

export interface ProbeOptions {
  /** Where the server listens; 127.0.0.1 by default. */
  readonly address?: string;
  /** 0, the default: the kernel's choice. */
  readonly port?: number;
  readonly clientPort?: number;
  /** Where the client connects, if not to the server: a service. */
  readonly toAddress?: string;
  readonly toPort?: number;
  /** Bytes, and how often; what exactly is the scenario's business. */
  readonly size?: number;
  readonly rounds?: number;
  /** SO_RCVLOWAT of the listener. */
  readonly lowWater?: number;
  /** After which the probe gives up: 10 by default. */
  readonly seconds?: number;
  /** The client's IPv6 packets carry an extension header. */
  readonly extension?: boolean;
  readonly serverCgroup?: string;
  readonly clientCgroup?: string;
  readonly serverNetns?: string;
  readonly clientNetns?: string;
  /** Resolved when the connection stands; the probe goes on when what it returns is resolved. */
  readonly whenConnected?: () => Promise<void>;
}

/** What one end has seen: numbers where the probe printed digits. */
export type EndReport = Readonly<Record<string, string | number>> & {
  readonly sent?: number;
  readonly received?: number;
  readonly sentDigest?: string;
  readonly receivedDigest?: string;
  readonly error?: string;
  /** The name of the error number, such as `EACCES`. */
  readonly errno?: string;
  /** The client's: who getpeername(2) says it is connected to. */
  readonly peer?: string;
  readonly timeout?: string;
};

export interface ProbeReport {
  readonly server: EndReport;
  readonly client: EndReport;
  /** Each end received exactly what the other one sent. */
  readonly intact: boolean;
}

/** Runs a scenario. What went wrong is in the report; rejects only where the probe itself cannot be run. */
export async function runProbe(scenario: Scenario, options: ProbeOptions = {}): Promise<ProbeReport> {
  const path = nativeFile("stream-probe");
  if (path === undefined) throw new BpfError("run stream-probe", probeMissing(undefined));
  const child = spawn(path, [scenario, ...argumentsOf(options)], { stdio: ["pipe", "pipe", "pipe"] });
  // Ends may be gone when the pause is over.
  child.stdin.on("error", () => undefined);
  let output = "";
  let complaints = "";
  let paused = options.whenConnected !== undefined;
  child.stderr.on("data", (chunk: Buffer) => {
    complaints += chunk;
  });
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
    if (!paused || !output.includes("client.connected=")) return;
    paused = false;
    options.whenConnected?.().finally(() => child.stdin.end("\n"));
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code === null || code === 64) throw new Error(`stream-probe ${scenario}: ${complaints.trim()}`);
  return readReport(output);
}

function argumentsOf(options: ProbeOptions): string[] {
  const values = {
    address: options.address,
    port: options.port,
    "client-port": options.clientPort,
    "to-address": options.toAddress,
    "to-port": options.toPort,
    size: options.size,
    rounds: options.rounds,
    "low-water": options.lowWater,
    seconds: options.seconds,
    extension: options.extension ? 1 : undefined,
    "server-cgroup": options.serverCgroup,
    "client-cgroup": options.clientCgroup,
    "server-netns": options.serverNetns,
    "client-netns": options.clientNetns,
    pause: options.whenConnected === undefined ? undefined : 1,
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

function readReport(output: string): ProbeReport {
  const ends: { server: Record<string, string | number>; client: Record<string, string | number> } = {
    server: {},
    client: {},
  };
  for (const line of output.split("\n")) {
    const parts = /^(server|client)\.(\w+)=(.*)$/.exec(line);
    if (parts === null) continue;
    const [, role, name = "", value = ""] = parts;
    const number = /^-?\d{1,15}$/.test(value) && !name.endsWith("Digest");
    ends[role === "server" ? "server" : "client"][name] = number ? Number(value) : value;
  }
  const { server, client } = ends;
  const intact =
    server.sent === client.received &&
    client.sent === server.received &&
    server.sentDigest === client.receivedDigest &&
    client.sentDigest === server.receivedDigest &&
    server.sentDigest !== undefined &&
    client.sentDigest !== undefined;
  return { server, client, intact };
}
