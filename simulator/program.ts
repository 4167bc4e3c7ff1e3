import type { IrProgram } from "../compiler/ir/module.ts";
import { type ProgramKind, programKind } from "../compiler/kernel/programs.ts";
import { type RunInput, SimulatedContext } from "./context.ts";
import type { Effect, Machine } from "./machine.ts";
import type { ContextValues } from "./types.ts";

/** What a run came to. */
export interface RunResult<Kind extends string = string> {
  /** What the kernel would get. */
  readonly returnValue: number;
  /** The context's fields as the program left them, by their names in the language. */
  readonly context: ContextValues<Kind>;
  /** The packet or the message as the program left it. */
  readonly packet: Uint8Array;
  /** What it asked the kernel to do, in order. */
  readonly effects: readonly Effect[];
}

/** A program that runs in JavaScript. */
export class SimulatedProgram<Kind extends string = string> {
  readonly name: string;
  readonly kind: string;
  readonly #kind: ProgramKind;
  readonly #machine: Machine;
  readonly #call: (context: SimulatedContext) => number;

  /** @internal */
  constructor(program: IrProgram, machine: Machine, call: (context: SimulatedContext) => number) {
    const kind = programKind(program.kind);
    if (kind === undefined) throw new Error(`programs of kind ${program.kind} are not known`);
    this.name = program.name;
    this.kind = program.kind;
    this.#kind = kind;
    this.#machine = machine;
    this.#call = call;
  }

  /**
   * Runs the program once. Fields of the context that are not given are zero, except what the kernel derives of the packet: its length and protocol.
   *
   *     const { returnValue } = app.programs.filter.run({ packet: new Uint8Array(64), ingressIfindex: 2 });
   *
   * @throws {BpfError} TSB4080 where it calls a helper that is not simulated, TSB4081 and TSB4030 where a field is unknown or does not fit.
   */
  run(input: Partial<ContextValues<Kind>> & RunInput = {}): RunResult<Kind> {
    const context = new SimulatedContext(this.#kind, input, `run program ${this.name}`);
    const machine = this.#machine;
    machine.program = this.name;
    machine.kind = this.kind;
    machine.effects = [];
    machine.retval = 0;
    const returnValue = this.#call(context);
    return {
      returnValue,
      context: context.values() as ContextValues<Kind>,
      packet: context.packetBytes.bytes(),
      effects: machine.effects,
    };
  }
}
