import { type Collection, RingBuffer, type Subscription } from "../../runtime/index.ts";
import type { Attached } from "./attach.ts";
import type { Interrupt } from "./interrupt.ts";
import type { Printer } from "./printer.ts";

/** What was not delivered. */
export interface Losses {
  /** Log records that found no room in the ring buffer. */
  readonly lost: bigint;
  /** Records that no program of the object can have written. */
  readonly malformed: number;
}

/**
 * Prints what the programs log and write into ring buffers until the interrupt; then detaches, and prints what was still on its way.
 */
export async function streamUntil(
  collection: Collection,
  attached: readonly Attached[],
  interrupt: Interrupt,
  printer: Printer,
): Promise<Losses> {
  const { log } = collection;
  const buffers = Object.entries(collection.maps).flatMap(([name, map]) =>
    map instanceof RingBuffer ? [{ name, map }] : [],
  );
  const subscriptions: Subscription[] = buffers.map(({ name, map }) =>
    map.on((value: unknown) => printer.record(name, value)),
  );
  if (log) subscriptions.push(log.on((record) => printer.log(record)));
  // Without a ring buffer nothing else keeps the process alive.
  const awake = setInterval(() => {}, 1 << 30);
  try {
    await interrupt.happened;
  } finally {
    clearInterval(awake);
    for (const subscription of subscriptions) subscription.close();
  }
  for (const { link } of attached) link.close();
  for (const { name, map } of buffers) for (const value of map.drain()) printer.record(name, value);
  for (const record of log?.drain() ?? []) printer.log(record);
  const malformed = subscriptions.reduce(
    (sum, subscription) => sum + subscription.malformed,
    log?.malformed ?? 0,
  );
  return { lost: log?.lost ?? 0n, malformed };
}
