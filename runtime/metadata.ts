// The `.tsbpf` section: what the compiler knows and ELF has no place for. It comes with the object and is as little trusted as the rest:
// what is kept is rebuilt field by field, so nothing that was not asked for gets through.

export type LogLevel = "debug" | "info" | "warn" | "error";

/** How an 8-byte slot of a log record is shown. */
export type LogArgument =
  | { readonly kind: "int"; readonly bits: number; readonly signed: boolean; readonly bigEndian: boolean }
  | { readonly kind: "bool" }
  | {
      readonly kind: "enum";
      readonly name: string;
      readonly bits: number;
      readonly signed: boolean;
      readonly members: ReadonlyMap<bigint, string>;
    };

/** One `console.…` of the program. */
export interface LogSite {
  readonly id: number;
  readonly level: LogLevel;
  /** As the compiler saw it: relative to where it ran. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The text around the arguments: one more than there are arguments. */
  readonly parts: readonly string[];
  readonly arguments: readonly LogArgument[];
}

export interface ObjectMetadata {
  /** `tsbpf 0.1.0`. */
  readonly compiler: string;
  /** The entry file, relative to where the compiler ran. */
  readonly entry: string;
  readonly minKernel: readonly [major: number, minor: number] | undefined;
  /** By program name: the constructor that made it. */
  readonly programs: ReadonlyMap<string, { readonly kind: string; readonly section: string }>;
  readonly logs: ReadonlyMap<number, LogSite>;
}

const LARGEST = 4 << 20;
const MOST_LOGS = 65536;

/** The metadata, or in words why there is none in these bytes. */
export function parseMetadata(bytes: Uint8Array): ObjectMetadata | string {
  if (bytes.length > LARGEST) return `it has ${bytes.length} bytes`;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return `it is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  try {
    return readMetadata(value);
  } catch (error) {
    if (error instanceof Invalid) return error.message;
    throw error;
  }
}

class Invalid extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function object(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Invalid(`${where} is not an object`);
  return value as Fields;
}

function field(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function text(value: unknown, where: string): string {
  if (typeof value !== "string") throw new Invalid(`${where} is not a string`);
  return value;
}

function count(value: unknown, where: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new Invalid(`${where} is not a number`);
  return value;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Invalid(`${where} is not a list`);
  return value;
}

function readMetadata(value: unknown): ObjectMetadata {
  const root = object(value, "it");
  if (field(root, "version") !== 1) throw new Invalid("its version is not 1");
  const minKernel = field(root, "minKernel");
  const programs = new Map<string, { kind: string; section: string }>();
  for (const [name, entry] of Object.entries(object(field(root, "programs") ?? {}, "programs"))) {
    const program = object(entry, `program ${name}`);
    programs.set(name, {
      kind: text(field(program, "kind"), "a kind"),
      section: text(field(program, "section"), "a section"),
    });
  }
  const logs = new Map<number, LogSite>();
  const sites = list(field(root, "logs") ?? [], "logs");
  if (sites.length > MOST_LOGS) throw new Invalid(`it has ${sites.length} logs`);
  for (const entry of sites) {
    const site = readLogSite(object(entry, "a log"));
    logs.set(site.id, site);
  }
  return {
    compiler: text(field(root, "compiler"), "compiler"),
    entry: text(field(root, "entry"), "entry"),
    minKernel: minKernel === undefined ? undefined : readVersion(list(minKernel, "minKernel")),
    programs,
    logs,
  };
}

function readVersion(value: readonly unknown[]): readonly [number, number] {
  return [count(value[0], "minKernel"), count(value[1], "minKernel")];
}

const levels: readonly string[] = ["debug", "info", "warn", "error"] satisfies LogLevel[];

function readLogSite(site: Fields): LogSite {
  const id = count(field(site, "id"), "a log's id");
  const level = text(field(site, "level"), "a log's level");
  if (!levels.includes(level)) throw new Invalid(`a log's level is ${level}`);
  const parts = list(field(site, "parts"), "a log's parts").map((part) => text(part, "a part"));
  const args = list(field(site, "arguments"), "a log's arguments").map((entry) =>
    readArgument(object(entry, "an argument")),
  );
  if (parts.length !== args.length + 1)
    throw new Invalid(`log ${id} has ${parts.length} parts and ${args.length} arguments`);
  return {
    id,
    level: level as LogLevel,
    file: text(field(site, "file"), "a log's file"),
    line: count(field(site, "line"), "a log's line"),
    column: count(field(site, "column"), "a log's column"),
    parts,
    arguments: args,
  };
}

function readArgument(argument: Fields): LogArgument {
  const kind = field(argument, "kind");
  if (kind === "bool") return { kind };
  if (kind !== "int" && kind !== "enum") throw new Invalid(`an argument is of kind ${String(kind)}`);
  const bits = count(field(argument, "bits"), "an argument's bits");
  if (![8, 16, 32, 64].includes(bits)) throw new Invalid(`an argument has ${bits} bits`);
  const signed = field(argument, "signed") === true;
  if (kind === "int") return { kind, bits, signed, bigEndian: field(argument, "bigEndian") === true };
  const members = new Map<bigint, string>();
  for (const entry of list(field(argument, "members"), "an enum's members")) {
    const member = object(entry, "a member");
    const value = field(member, "value");
    const isInteger =
      typeof value === "number"
        ? Number.isSafeInteger(value)
        : typeof value === "string" && /^-?\d{1,20}$/.test(value);
    if (!isInteger) throw new Invalid("an enum member's value is not an integer");
    members.set(BigInt(value as number | string), text(field(member, "name"), "a member's name"));
  }
  return { kind, name: text(field(argument, "name"), "an enum's name"), bits, signed, members };
}
