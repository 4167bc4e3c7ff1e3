import { define } from "./define.ts";

// Reading and writing maps from user space.

export const valueMismatch = define(
  "TSB4030",
  "value does not fit its type",
  (path: string, what: string, help?: string) => ({
    message: `\`${path}\` ${what}`,
    ...(help === undefined ? {} : { help }),
  }),
);

export const mapFull = define("TSB4032", "map is full", (map: string, maxEntries: number) => ({
  message: `map \`${map}\` is full (${maxEntries} entries)`,
  help: "raise `maxEntries` before load, delete entries, or use an LRU map",
}));

export const entryExists = define("TSB4033", "entry exists already", (map: string) => ({
  message: `map \`${map}\` has an entry under this key already`,
  help: 'use `mode: "any"` to overwrite it',
}));

export const entryMissing = define("TSB4034", "entry does not exist", (map: string) => ({
  message: `map \`${map}\` has no entry under this key`,
  help: 'use `mode: "any"` to make one; an index must be less than `maxEntries`',
}));

export const unsupportedOnMap = define(
  "TSB4035",
  "operation is not available on this map",
  (map: string, kind: string, operation: string, help: string) => ({
    message: `map \`${map}\` is of kind ${kind}, which has no ${operation}`,
    help,
  }),
);

export const incompatibleMap = define("TSB4036", "map cannot be shared", (map: string, what: string) => ({
  message: `map \`${map}\` cannot be shared: ${what}`,
  help: "give the new map another name, or load without sharing it",
}));

export const socketRefused = define(
  "TSB4037",
  "socket cannot be put into the map",
  (map: string, reason: string) => ({
    message: `map \`${map}\` does not take this socket: ${reason}`,
    help: "TCP sockets must be established or listening, UDP sockets bound, and one socket belongs to one set of programs",
  }),
);
