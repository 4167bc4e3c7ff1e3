import {
  atomics,
  cgroup,
  Errno,
  getPrandomU32,
  HashMap,
  htons,
  type i32,
  MapUpdate,
  minKernel,
  ntohs,
  PerCpuHashMap,
  SocketType,
  u16,
  type u32,
  type u64,
  zero,
} from "tsbpf/stdlib";
import { type Endpoint, mapped } from "./endpoint.bpf.ts";
import { currentWorkload } from "./identity.bpf.ts";
import { Direction, permits, Reason, report } from "./policy.bpf.ts";

minKernel("6.1");

// A service's address becomes a backend's in connect(2), once per connection. No packet is rewritten and no state is kept: the socket is
// connected to the backend, as if the application had asked for it.

export enum Pick {
  RANDOM,
  ROUND_ROBIN,
}

export interface Service {
  /** Names the service's backends. A service that changes gets a new id, so that none sees half of two lists. */
  id: u32;
  backends: u32;
  pick: Pick;
  next: u32;
}

export interface BackendKey {
  service: u32;
  slot: u32;
}

export const services = new HashMap<Endpoint, Service>({ maxEntries: 4096 });
export const backends = new HashMap<BackendKey, Endpoint>({ maxEntries: 65536 });

export interface Translation {
  service: Endpoint;
  backend: Endpoint;
}

/** How often a connection to a service went to which backend. */
export const translations = new PerCpuHashMap<Translation, u64>({ maxEntries: 16384 });

function countTranslation(service: Endpoint, backend: Endpoint): void {
  const key: Translation = { service, backend };
  const known = translations.ref(key);
  if (known) atomics.add(known, "value", 1n);
  else translations.set(key, 1n, MapUpdate.NOEXIST);
}

enum Route {
  /** To where the application asked. */
  DIRECT,
  TRANSLATED,
  NO_BACKEND,
  DENIED,
}

/** Decides where a connection goes; `destination` becomes the backend where there is one. */
function route(destination: Endpoint): Route {
  const source = currentWorkload();
  const client = zero<Endpoint>();
  const service = services.get(destination);
  if (!service) {
    return permits(source, client, destination, Direction.EGRESS) ? Route.DIRECT : Route.DENIED;
  }
  const turn = service.pick === Pick.ROUND_ROBIN ? atomics.add(service, "next", 1) : getPrandomU32();
  const backend = backends.get({ service: service.id, slot: turn % service.backends });
  if (!backend) {
    report(client, destination, { source, direction: Direction.EGRESS, reason: Reason.NO_BACKEND, rule: 0 });
    return Route.NO_BACKEND;
  }
  if (!permits(source, client, backend, Direction.EGRESS)) return Route.DENIED;
  countTranslation(destination, backend);
  destination.address = backend.address;
  destination.port = backend.port;
  return Route.TRANSLATED;
}

/** What connect(2) answers where the route ends here. */
function errnoOf(refusal: Route): i32 {
  return refusal === Route.NO_BACKEND ? -Errno.ECONNREFUSED : -Errno.EACCES;
}

export const connect4 = cgroup.connect4((ctx) => {
  if (ctx.type !== SocketType.STREAM) return true;
  const destination = mapped(ctx.userIp4, ntohs(ctx.userPort));
  const taken = route(destination);
  if (taken === Route.DIRECT) return true;
  if (taken !== Route.TRANSLATED) {
    ctx.setRetval(errnoOf(taken));
    return false;
  }
  ctx.userIp4 = destination.address[3];
  ctx.userPort = htons(u16(destination.port));
  return true;
});

export const connect6 = cgroup.connect6((ctx) => {
  if (ctx.type !== SocketType.STREAM) return true;
  const destination: Endpoint = {
    address: [ctx.userIp6[0], ctx.userIp6[1], ctx.userIp6[2], ctx.userIp6[3]],
    port: ntohs(ctx.userPort),
  };
  const taken = route(destination);
  if (taken === Route.DIRECT) return true;
  if (taken !== Route.TRANSLATED) {
    ctx.setRetval(errnoOf(taken));
    return false;
  }
  ctx.userIp6[0] = destination.address[0];
  ctx.userIp6[1] = destination.address[1];
  ctx.userIp6[2] = destination.address[2];
  ctx.userIp6[3] = destination.address[3];
  ctx.userPort = htons(u16(destination.port));
  return true;
});
