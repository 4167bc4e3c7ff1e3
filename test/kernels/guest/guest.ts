import { readFileSync } from "node:fs";
import { release } from "node:os";
import { isOlder, type KernelVersion } from "../../../compiler/kernel/version.ts";
import { type Collection, load } from "../../../runtime/index.ts";

const [major = 0, minor = 0] = release().split(".").map(Number);

export const running: KernelVersion = [major, minor];

export const runs = (...version: KernelVersion): boolean => !isOlder(running, version);

/** A program that the host has compiled, such as `examples/rtt`. */
export const objectBytes = (name: string): Uint8Array => readFileSync(`/tsbpf/objects/${name}.o`);

export function loadGuest<M>(name: string, constants: Record<string, unknown> = {}): Promise<Collection<M>> {
  return load<M>(objectBytes(name), { constants });
}

/** Waits until it holds. Everything here is slower than on real hardware, and by no known factor: so the bound is generous. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what}: not within 10 s`);
}
