import { define } from "./define.ts";

// The rules of a mesh.

export const invalidRule = define(
  "TSB6001",
  "policy rule is invalid",
  (place: string, what: string, help: string) => ({ message: `${place} ${what}`, help }),
);

export const duplicateRule = define("TSB6002", "policy rules share an id", (id: number) => ({
  message: `rule ${id} is given twice`,
  notes: ["a denial names its rule by id"],
  help: "number the rules differently",
}));

export const invalidPrefix = define(
  "TSB6003",
  "destination of a policy rule is invalid",
  (place: string, text: string) => ({
    message: `${place}: \`${text}\` is neither an address nor a prefix`,
    help: 'write `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32` or `"any"`',
  }),
);

export const prefixHasHostBits = define(
  "TSB6004",
  "prefix of a policy rule has bits behind its length",
  (place: string, text: string, meant: string) => ({
    message: `${place}: \`${text}\` names a host, not a network`,
    help: `write \`${meant}\` for the network, or leave the length out for the host`,
  }),
);

export const notEnforceable = define(
  "TSB6005",
  "policy rule cannot be enforced",
  (place: string, what: string) => ({
    message: `${place}: ${what}`,
    notes: ["a rule that would not hold is refused, never applied in part"],
    help: "the rules are about TCP connections; leave `protocol` out or write `tcp`",
  }),
);

export const tooManyRules = define("TSB6006", "policy has too many rules", (count: number, most: number) => ({
  message: `${count} rules are more than the ${most} that the data plane has room for`,
  notes: ["half the room is kept free, so that new rules replace the old ones all at once"],
  help: "join rules by prefix, or use `any` for the port or the source",
}));
