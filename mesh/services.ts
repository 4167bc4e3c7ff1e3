import {
  duplicateService,
  familyMismatch,
  invalidAddress,
  invalidMeshOption,
  tooMany,
} from "../compiler/diagnostics/mesh-configuration.ts";
import { BpfError } from "../runtime/index.ts";
import { type Endpoint, formatEndpoint, isMapped, parseEndpoint } from "./address.ts";

/** An address that stands for others. */
export interface ServiceConfig {
  /** `10.96.0.10:80` or `[fd96::10]:80`. */
  readonly address: string;
  /** Where its connections go. Without any, connect(2) answers ECONNREFUSED. */
  readonly backends: readonly string[];
  /** Default `"random"`. */
  readonly pick?: "random" | "round-robin";
}

export interface ServiceEntry {
  readonly endpoint: Endpoint;
  readonly backends: readonly Endpoint[];
  readonly roundRobin: boolean;
}

const operation = "set services";
const fields = ["address", "backends", "pick"];

/** @throws {BpfError} TSB5001 to TSB5006. */
export function parseServices(
  services: readonly ServiceConfig[],
  most: { readonly services: number; readonly backends: number },
): ServiceEntry[] {
  const entries = services.map((service, index) => parseService(service, `services[${index}]`));
  const seen = new Set<string>();
  for (const { endpoint } of entries) {
    const address = formatEndpoint(endpoint);
    if (seen.has(address)) throw new BpfError(operation, duplicateService(undefined, address));
    seen.add(address);
  }
  const backends = entries.reduce((count, entry) => count + entry.backends.length, 0);
  if (entries.length > most.services)
    throw new BpfError(operation, tooMany(undefined, "services", entries.length, most.services));
  if (backends > most.backends)
    throw new BpfError(operation, tooMany(undefined, "backends", backends, most.backends));
  return entries;
}

function parseService(service: ServiceConfig, place: string): ServiceEntry {
  const refuse = (path: string, what: string, help: string) =>
    new BpfError(operation, invalidMeshOption(undefined, path, what, help));
  if (typeof service !== "object" || service === null)
    throw refuse(place, "is not an object", "see `ServiceConfig`");
  for (const name of Object.keys(service)) {
    if (!fields.includes(name))
      throw refuse(`${place}.${name}`, "is not known", `the fields are ${fields.join(", ")}`);
  }
  const { pick = "random" } = service;
  if (pick !== "random" && pick !== "round-robin")
    throw refuse(`${place}.pick`, `is \`${String(pick)}\``, "it is `random` or `round-robin`");
  if (!Array.isArray(service.backends))
    throw refuse(`${place}.backends`, "is not an array", "give a list of addresses; an empty one has none");
  const endpoint = parse(service.address, `${place}.address`);
  const backends = service.backends.map((text, index) => parse(text, `${place}.backends[${index}]`));
  for (const backend of backends) {
    if (isMapped(backend.address) !== isMapped(endpoint.address)) {
      const names = [formatEndpoint(endpoint), formatEndpoint(backend)] as const;
      throw new BpfError(operation, familyMismatch(undefined, ...names));
    }
  }
  return { endpoint, backends, roundRobin: pick === "round-robin" };
}

function parse(text: string, place: string): Endpoint {
  const endpoint = typeof text === "string" ? parseEndpoint(text) : undefined;
  if (endpoint === undefined) throw new BpfError(operation, invalidAddress(undefined, place, String(text)));
  return endpoint;
}
