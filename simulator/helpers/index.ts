import { noSimulation } from "../../compiler/diagnostics/simulator.ts";
import { BpfError } from "../../runtime/errors.ts";
import type { Machine } from "../machine.ts";
import { environment } from "./environment.ts";
import type { Helper, HelperTable } from "./helper.ts";
import { packets } from "./packets.ts";
import { sockets } from "./sockets.ts";

/** All helpers that are simulated; calling another one is an error that names it. */
export function simulatedHelpers(machine: Machine): HelperTable {
  const table: HelperTable = { ...environment(machine), ...sockets(machine), ...packets(machine) };
  return new Proxy(table, {
    get(target, name): Helper | undefined {
      if (typeof name === "symbol" || Object.hasOwn(target, name)) return target[name as string];
      throw new BpfError(`run program ${machine.program}`, noSimulation(undefined, name));
    },
  });
}
