import type { Span } from "../diagnostics/diagnostic.ts";
import type { IrLocal } from "../ir/module.ts";
import type { IntType } from "../ir/types.ts";
import { type Interval, intersect, join, whole } from "./interval.ts";
import type { Resource } from "./value.ts";

/** How a resource went away, and where. */
export interface Loss {
  readonly how: "moved" | "submitted" | "discarded";
  /** What did it, as the source calls it. */
  readonly by: string;
  readonly span: Span;
}

/** What is known at one point of a function's control flow. */
export class Flow {
  reachable = true;
  readonly #intervals: Map<IrLocal, Interval>;
  readonly #lost: Map<Resource, Loss>;
  /** What a variable that holds a reference may refer to, where that changes. */
  readonly #owners: Map<IrLocal, readonly Resource[]>;

  constructor(
    intervals = new Map<IrLocal, Interval>(),
    lost = new Map<Resource, Loss>(),
    owners = new Map<IrLocal, readonly Resource[]>(),
  ) {
    this.#intervals = intervals;
    this.#lost = lost;
    this.#owners = owners;
  }

  clone(): Flow {
    const copy = new Flow(new Map(this.#intervals), new Map(this.#lost), new Map(this.#owners));
    copy.reachable = this.reachable;
    return copy;
  }

  interval(local: IrLocal): Interval {
    return this.#intervals.get(local) ?? whole(local.type as IntType);
  }

  /** After an assignment. */
  setInterval(local: IrLocal, interval: Interval): void {
    this.#intervals.set(local, interval);
  }

  /** After a comparison. An empty rest means that the code is not reached. */
  refine(local: IrLocal, interval: Interval): void {
    const rest = intersect(this.interval(local), interval);
    if (rest) this.#intervals.set(local, rest);
  }

  forget(local: IrLocal): void {
    this.#intervals.delete(local);
  }

  owners(local: IrLocal): readonly Resource[] {
    return this.#owners.get(local) ?? [];
  }

  setOwners(local: IrLocal, owners: readonly Resource[]): void {
    this.#owners.set(local, owners);
  }

  lose(resource: Resource, loss: Loss): void {
    this.#lost.set(resource, loss);
  }

  loss(resource: Resource): Loss | undefined {
    return this.#lost.get(resource);
  }

  /** What another path lost, and what its variables may refer to. */
  takeLosses(other: Flow): void {
    for (const [resource, loss] of other.#lost) this.#lost.set(resource, loss);
    for (const [local, owners] of other.#owners) {
      this.#owners.set(local, [...new Set([...(this.#owners.get(local) ?? []), ...owners])]);
    }
  }

  /** The state where any of several paths meet; paths that are not reached do not count. */
  static merge(paths: readonly Flow[]): Flow {
    const reached = paths.filter((path) => path.reachable);
    const [first, ...others] = reached;
    if (!first) {
      const dead = new Flow();
      dead.reachable = false;
      return dead;
    }
    const merged = first.clone();
    for (const other of others) {
      for (const [local, interval] of merged.#intervals) {
        const theirs = other.#intervals.get(local);
        if (theirs) merged.#intervals.set(local, join(interval, theirs));
        else merged.#intervals.delete(local);
      }
      merged.takeLosses(other);
    }
    return merged;
  }
}
