// Programs without a kernel: what `load` does, in this process, for tests.

export { formatIp4, formatIp6, ip4, ip6 } from "../runtime/addresses.ts";
export { BpfError } from "../runtime/errors.ts";
export { CompileError } from "../runtime/load.ts";
export type { LogRecord } from "../runtime/log.ts";
export { SimulatedCollection } from "./collection.ts";
export type { RunInput } from "./context.ts";
export { SimulatedLog } from "./log.ts";
export { type Effect, Machine, type MachineOptions } from "./machine.ts";
export {
  SimulatedKeyedMap,
  SimulatedMap,
  SimulatedSkStorage,
  SimulatedSocketMap,
} from "./maps/user-maps.ts";
export { SimulatedRingBuffer } from "./maps/user-ring-buffer.ts";
export { type RunResult, SimulatedProgram } from "./program.ts";
export { type SimulateOptions, simulate } from "./simulate.ts";
export { SimulatedSocket, type SocketOptions } from "./socket.ts";
export type { ContextValues, SimulatedMapsOf, SimulatedProgramsOf } from "./types.ts";
