import { define } from "./define.ts";

// What a mesh is told to do: addresses, services, workloads.

export const invalidAddress = define("TSB5001", "address is invalid", (what: string, text: string) => ({
  message: `${what}: \`${text}\` is no address with a port`,
  help: "write `10.0.0.1:80` or `[2001:db8::1]:80`, with a port from 1 to 65535",
}));

export const duplicateService = define("TSB5002", "service is given twice", (address: string) => ({
  message: `service ${address} is given twice`,
  help: "give one service all the backends",
}));

export const familyMismatch = define(
  "TSB5003",
  "backend is of another address family than its service",
  (service: string, backend: string) => ({
    message: `backend ${backend} cannot serve ${service}`,
    notes: ["a socket connected to a service can only be sent to an address of the family it was made for"],
    help: "give IPv4 backends to an IPv4 address and IPv6 backends to an IPv6 address; a service may have both",
  }),
);

export const tooMany = define(
  "TSB5004",
  "mesh is too large for its maps",
  (what: string, count: number, most: number) => ({
    message: `${count} ${what} are more than the ${most} that the data plane has room for`,
    help: "use fewer, or raise the map's `maxEntries` in the program",
  }),
);

export const notACgroup = define("TSB5005", "path is not a cgroup", (what: string, path: string) => ({
  message: `${what}: \`${path}\` is not a cgroup of version 2`,
  help: "give the absolute path of a folder of the cgroup2 file system; `findmnt -t cgroup2` shows where that is",
}));

export const invalidMeshOption = define(
  "TSB5006",
  "mesh option is invalid",
  (path: string, what: string, help: string) => ({ message: `\`${path}\` ${what}`, help }),
);

export const meshObjectMissing = define("TSB5007", "data plane is not compiled", (path: string) => ({
  message: `${path} does not exist`,
  help: "run `npm run setup`, which compiles the programs",
}));

export const probeMissing = define("TSB5008", "stream-probe is not built", () => ({
  message: "the self-tests need `stream-probe`, and it is not in this package",
  help: "run `npm run setup`, which builds it",
}));
