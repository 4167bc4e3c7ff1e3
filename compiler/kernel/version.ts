/** [major, minor] of the first kernel release that has something. */
export type KernelVersion = readonly [major: number, minor: number];

/** The oldest kernel the compiler and the runtime are for; what came before it carries no version in the tables. */
export const oldestKernel: KernelVersion = [5, 10];

export function isOlder(a: KernelVersion, b: KernelVersion): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}
