// Fetches the newest `linux-libc-dev` that Debian offers, without touching the machine's own package configuration.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianArchives, privateApt, sourceLine } from "../debian/apt.mjs";

const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 30, ...options });

/** Downloads and unpacks into `cache`; answers { version, include }. apt checks the archive's signature. */
export function fetchHeaders(cache, suite = "sid") {
  mkdirSync(cache, { recursive: true });
  const apt = mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-apt-`));
  try {
    const archives = debianArchives();
    if (archives.length === 0) throw new Error("apt knows no archive: run apt-get update first");
    const options = privateApt(
      apt,
      archives.map((archive) => sourceLine("deb", archive, suite)),
    );
    run("apt-get", [...options, "-qq", "update"], { stdio: ["ignore", "ignore", "inherit"] });
    run("apt-get", [...options, "-qq", "download", "linux-libc-dev"], {
      cwd: apt,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const archive = readdirSync(apt).find((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error("apt-get downloaded nothing");
    const version = run("dpkg-deb", ["--field", join(apt, archive), "Version"]).trim();
    const tree = join(cache, version);
    rmSync(tree, { recursive: true, force: true });
    run("dpkg-deb", ["--extract", join(apt, archive), tree]);
    return { version, include: join(tree, "usr/include") };
  } finally {
    rmSync(apt, { recursive: true, force: true });
  }
}

/** The newest tree that an earlier run has left in `cache`, or undefined. */
export function cachedHeaders(cache) {
  if (!existsSync(cache)) return undefined;
  const newest = readdirSync(cache)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .at(-1);
  return newest === undefined ? undefined : { version: newest, include: join(cache, newest, "usr/include") };
}
