#!/usr/bin/env node
// Writes what the compiler and the DSL know of the kernel's user API: compiler/kernel/uapi.gen.ts, stdlib/uapi.d.ts and stdlib/uapi.js.
//
//   node scripts/generate-kernel-tables.mjs            fetch the newest linux-libc-dev of Debian and write
//   node scripts/generate-kernel-tables.mjs --cached   the same from the package an earlier run has fetched
//   node scripts/generate-kernel-tables.mjs --check    write nothing; exit 1 where the files differ
//
// The building machine's /usr/include is never read: it is as old as the machine.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedHeaders, fetchHeaders } from "./kernel-tables/header.mjs";
import { declarations, implementation, tableModule } from "./kernel-tables/print.mjs";
import { probe } from "./kernel-tables/probe.mjs";
import { enums, headers, libraryEnums, structs, tables } from "./kernel-tables/selection.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const cache = join(root, "node_modules/.cache/tsbpf/linux-libc-dev");
const options = new Set(process.argv.slice(2));
const offline = options.has("--cached") || options.has("--check");

const source = offline ? cachedHeaders(cache) : fetchHeaders(cache);
if (source === undefined) {
  console.error("no package has been fetched yet: run without --cached first");
  process.exit(3);
}

const wanted = (name) =>
  enums.some((entry) => {
    if (!name.startsWith(entry.prefix)) return false;
    const short = name.slice(entry.prefix.length);
    if (entry.all) return entry.header === "errno" && entry.all.test(short);
    return entry.pick.some((pick) => (Array.isArray(pick) ? pick[0] : pick) === short);
  });
const facts = probe({
  clang: process.env.TSBPF_CLANG ?? "clang-19",
  include: source.include,
  headers,
  structs,
  wantMacro: wanted,
});

const files = {
  "compiler/kernel/uapi.gen.ts": tableModule(source.version, facts, tables),
  "stdlib/uapi.d.ts": declarations(source.version, facts, enums, libraryEnums),
  "stdlib/uapi.js": implementation(source.version, facts, enums, libraryEnums),
};
let differs = false;
for (const [path, text] of Object.entries(files)) {
  const target = join(root, path);
  const same = existsSync(target) && readFileSync(target, "utf8") === text;
  if (options.has("--check")) {
    if (!same) console.error(`${path} is not what linux-libc-dev ${source.version} says`);
    differs ||= !same;
  } else if (!same) {
    writeFileSync(target, text);
    console.error(`wrote ${path}`);
  }
}
process.exit(differs ? 1 : 0);
