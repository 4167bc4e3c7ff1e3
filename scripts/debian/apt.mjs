// Asks Debian's archive for what the machine's own package configuration does not offer: another suite, another version, sources. Lists and
// caches are in a folder of the caller's, so that those of the machine stay as they are.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../setup/step.mjs";

/** What apt checks Debian's signatures with. */
export const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

function archives() {
  const format = ["indextargets", "--no-release-info", "--format", "$(REPO_URI)", "Created-By: Packages"];
  const lines = (ask("apt-get", format) ?? "").split("\n").map((line) => line.trim());
  return [...new Set(lines)].filter((uri) => uri !== "");
}

/** The archives that this machine's apt uses, without the security archive: that one has only what was patched. */
export function debianArchives() {
  return archives()
    .filter((uri) => !uri.includes("security"))
    .slice(0, 3);
}

/** Where released suites get their newest kernels, if this machine does. */
export function securityArchives() {
  return archives()
    .filter((uri) => uri.includes("debian-security"))
    .slice(0, 1);
}

/** A line of sources.list. `kind` is `deb` or `deb-src`. */
export const sourceLine = (kind, archive, suite) => `${kind} [signed-by=${KEYRING}] ${archive} ${suite} main`;

/** Why apt cannot be used here; `undefined` where it can. */
export function whyNoApt() {
  if (ask("apt-get", ["--version"]) === undefined) return "there is no apt-get";
  if (!existsSync(KEYRING)) return `there is no ${KEYRING} to check Debian's signature with`;
  if (debianArchives().length === 0) return "apt knows no Debian archive";
  return undefined;
}

/** Writes a configuration whose lists, caches and sources are all in `folder`. Returns the arguments of apt-get and apt-cache that use it. */
export function privateApt(folder, sources) {
  for (const part of ["state/lists/partial", "cache/archives/partial", "parts"]) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, "sources.list"), `${sources.join("\n")}\n`);
  writeFileSync(join(folder, "status"), "");
  // The machine's own settings stay in force, as a proxy may be among them; what it does after an update is for its own lists.
  const settings = [
    `Dir::Etc::sourcelist "${join(folder, "sources.list")}";`,
    `Dir::Etc::sourceparts "${join(folder, "parts")}";`,
    `Dir::State "${join(folder, "state")}";`,
    `Dir::State::status "${join(folder, "status")}";`,
    `Dir::Cache "${join(folder, "cache")}";`,
    'Acquire::Languages "none";',
    'APT::Sandbox::User "root";',
    'APT::Update::Error-Mode "any";',
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
  ];
  writeFileSync(join(folder, "apt.conf"), `${settings.join("\n")}\n`);
  return ["-q", "-c", join(folder, "apt.conf")];
}
