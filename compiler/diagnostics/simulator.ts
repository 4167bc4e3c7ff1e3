import { define } from "./define.ts";

// Programs that run in the simulator.

export const noSimulation = define("TSB4080", "helper has no simulation", (helper: string) => ({
  message: `\`bpf_${helper}\` is not simulated`,
  help: "run this program in the kernel, or put what calls it into a function that the test does not reach",
}));

export const unknownContextField = define(
  "TSB4081",
  "context has no such field",
  (field: string, context: string, fields: readonly string[]) => ({
    message: `\`${context}\` has no field \`${field}\` that can be given`,
    help: `its fields are ${fields.join(", ")}; \`packet\` gives the bytes and \`socket\` the socket`,
  }),
);
