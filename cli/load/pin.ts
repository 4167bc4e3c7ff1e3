import { join } from "node:path";
import type { Collection } from "../../runtime/index.ts";
import type { Attached } from "./attach.ts";

interface Pinnable {
  pin(path: string): void;
  unpin(path: string): void;
}

/**
 * Pins maps, programs and links in folders of their own below `directory`. All or none: what was pinned before one fails is unpinned, so that
 * nothing half done stays in force.
 */
export function pinAll(collection: Collection, attached: readonly Attached[], directory: string): void {
  const done: { readonly object: Pinnable; readonly path: string }[] = [];
  const pin = (folder: string, name: string, object: Pinnable): void => {
    const path = join(directory, folder, name);
    object.pin(path);
    done.push({ object, path });
  };
  try {
    for (const [name, map] of Object.entries(collection.maps)) pin("maps", name, map);
    for (const [name, program] of Object.entries(collection.programs)) pin("programs", name, program);
    for (const { program, link } of attached) pin("links", program, link);
  } catch (error) {
    for (const { object, path } of done.reverse()) object.unpin(path);
    throw error;
  }
}
