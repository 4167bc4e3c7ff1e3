import { closedObject } from "../compiler/diagnostics/load.ts";
import { BpfError } from "./errors.ts";
import type { GlobalSections } from "./global-variables.ts";
import type { RingBuffer, Subscription } from "./maps/ring-buffer.ts";
import type { LogArgument, LogLevel, LogSite } from "./metadata.ts";
import { logLostName } from "./own-names.ts";

// `console.log` of programs: records in a ring buffer, put into words here with what the compiler recorded of each call.

export interface LogRecord {
  readonly level: LogLevel;
  /** As the compiler saw it: relative to where it ran. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** Nanoseconds since boot (`CLOCK_MONOTONIC`). */
  readonly timeNs: bigint;
  readonly cpu: number;
}

/** Site, CPU, time: then 8 bytes for each argument. */
const HEADER_SIZE = 16;
const SLOT_SIZE = 8;

/** A record in words, or `undefined` where no call of the object wrote it: another number, or too short. */
export function decodeLogRecord(
  sites: ReadonlyMap<number, LogSite>,
  bytes: Uint8Array,
): LogRecord | undefined {
  if (bytes.length < HEADER_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const site = sites.get(view.getUint32(0, true));
  if (site === undefined || bytes.length < HEADER_SIZE + site.arguments.length * SLOT_SIZE) return undefined;
  let text = site.parts[0] ?? "";
  site.arguments.forEach((argument, index) => {
    text += formatArgument(argument, view, HEADER_SIZE + index * SLOT_SIZE) + (site.parts[index + 1] ?? "");
  });
  const { level, file, line, column } = site;
  return {
    level,
    file,
    line,
    column,
    text,
    timeNs: view.getBigUint64(8, true),
    cpu: view.getUint32(4, true),
  };
}

function formatArgument(argument: LogArgument, view: DataView, at: number): string {
  if (argument.kind === "bool") return view.getUint8(at) === 0 ? "false" : "true";
  if (argument.kind === "int" && argument.bigEndian) return formatNetworkOrder(argument.bits, view, at);
  const raw = view.getBigUint64(at, true);
  const value = argument.signed ? BigInt.asIntN(argument.bits, raw) : BigInt.asUintN(argument.bits, raw);
  if (argument.kind === "enum") return argument.members.get(value) ?? String(value);
  return String(value);
}

/** 16 bits are a port, 32 an IPv4 address. */
function formatNetworkOrder(bits: number, view: DataView, at: number): string {
  switch (bits) {
    case 16:
      return String(view.getUint16(at, false));
    case 32:
      return [0, 1, 2, 3].map((index) => view.getUint8(at + index)).join(".");
    default:
      return String(view.getBigUint64(at, false));
  }
}

/** What a collection's programs log. */
export class ProgramLog implements AsyncIterable<LogRecord> {
  private readonly buffer: RingBuffer<Uint8Array>;
  private readonly sites: ReadonlyMap<number, LogSite>;
  private readonly globals: GlobalSections;
  private unknown = 0;

  /** @internal */
  constructor(buffer: RingBuffer<Uint8Array>, sites: ReadonlyMap<number, LogSite>, globals: GlobalSections) {
    this.buffer = buffer;
    this.sites = sites;
    this.globals = globals;
  }

  /** How many records found no room in the ring buffer, since load. */
  get lost(): bigint {
    if (this.buffer.closed) throw new BpfError("read log", closedObject(undefined, "the log"));
    const lost = this.globals.has(logLostName) ? this.globals.get(logLostName) : 0n;
    return typeof lost === "bigint" ? lost : 0n;
  }

  /** How many records no call of the object can have written. */
  get malformed(): number {
    return this.unknown;
  }

  /** Calls back with every record, on the event loop. */
  on(callback: (record: LogRecord) => void): Subscription {
    return this.buffer.on((bytes) => {
      const record = this.decode(bytes);
      if (record !== undefined) callback(record);
    });
  }

  /** Takes what is in the buffer now, without waiting. */
  drain(): LogRecord[] {
    return this.buffer.drain().flatMap((bytes) => this.decode(bytes) ?? []);
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<LogRecord> {
    for await (const bytes of this.buffer) {
      const record = this.decode(bytes);
      if (record !== undefined) yield record;
    }
  }

  private decode(bytes: Uint8Array): LogRecord | undefined {
    const record = decodeLogRecord(this.sites, bytes);
    if (record === undefined) this.unknown++;
    return record;
  }
}
