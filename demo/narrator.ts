import { type Column, formatTable } from "../cli/output/table.ts";
import { coloursFor } from "../cli/output/tty.ts";
import type { Assertions } from "./assertions.ts";

/** Prints the run as plain lines; on a terminal with a little colour, never with cursor movement. */
export class Narrator {
  readonly #write: (text: string) => void;
  readonly #colours: ReturnType<typeof coloursFor>;
  readonly #start = performance.now();

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#write = (text) => void stream.write(text);
    this.#colours = coloursFor(stream);
  }

  part(title: string): void {
    this.#write(`\n${this.#colours.bold(`==== ${title}`)}\n`);
  }

  chapter(title: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1);
    this.#write(`\n${this.#colours.bold(`== ${title}`)} ${this.#colours.dim(`[${seconds} s]`)}\n`);
  }

  say(text: string): void {
    this.#write(`${text}\n`);
  }

  /** A line that holds a fact: what on the left, the fact on the right. */
  fact(what: string, value: string): void {
    this.#write(`  ${what.padEnd(26)}${value}\n`);
  }

  /** Source or output of a command, as it is. */
  quote(text: string): void {
    for (const line of text.trimEnd().split("\n")) this.#write(`  ${this.#colours.cyan("|")} ${line}\n`);
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    for (const line of formatTable(columns, rows).split("\n")) this.#write(`  ${line}\n`);
  }

  outcome(held: boolean, text: string): void {
    this.#write(`  ${held ? this.#colours.green("√") : this.#colours.red("×")} ${text}\n`);
  }

  verdict(assertions: Assertions): void {
    this.chapter("What this run claims");
    for (const { claim, held, seen } of assertions.all)
      this.outcome(held, seen === undefined ? claim : `${claim}: ${seen}`);
  }
}
