import { binding } from "../../runtime/native.ts";

export type KernelObject = "program" | "map" | "link";

/** Ids of everything of that kind in the kernel now. */
export function objectIds(kind: KernelObject): Set<number> {
  const ids = new Set<number>();
  for (let id = binding().nextId(kind, 0); id !== undefined; id = binding().nextId(kind, id)) ids.add(id);
  return ids;
}

/** What appeared since `before` and is still there. The kernel frees objects a moment after their last reference goes. */
export async function leftSince(
  kind: KernelObject,
  before: ReadonlySet<number>,
  own: (id: number) => boolean = () => true,
): Promise<number[]> {
  let left: number[] = [];
  for (let attempt = 0; attempt < 50; attempt++) {
    left = [...objectIds(kind)].filter((id) => !before.has(id) && own(id));
    if (left.length === 0) return left;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return left;
}
