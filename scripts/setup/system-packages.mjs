// Compilers, headers and tools of the system, by apt where it has apt.

import { existsSync, rmSync, writeFileSync } from "node:fs";
import { ask, findProgram, run, SetupError } from "./step.mjs";

const program =
  (...names) =>
  () =>
    names.some((name) => findProgram(name) !== undefined);
const header = (name) => () => existsSync(`/usr/include/${name}`);

// What is needed, the Debian package that has it, and whether it is there already: by the thing itself, so that a clang or a header that came
// in another way counts.
const BASE = [
  { package: "clang-19", present: () => hasClang() },
  { package: "g++", present: program("g++", "c++") },
  { package: "make", present: program("make") },
  // node-gyp is written in it.
  { package: "python3", present: program("python3") },
  // Debian's fix of libbpf is a patch in an .xz archive.
  { package: "patch", present: program("patch") },
  { package: "xz-utils", present: program("xz") },
  { package: "libelf-dev", present: header("libelf.h") },
  { package: "zlib1g-dev", present: header("zlib.h") },
  // The tests make network namespaces of their own with it.
  { package: "iproute2", present: program("ip") },
];

const DEMO = [
  { package: "nginx-light", present: program("nginx"), service: "nginx" },
  { package: "haproxy", present: program("haproxy"), service: "haproxy" },
  { package: "curl", present: program("curl") },
  { package: "bpftool", present: program("bpftool") },
];

// The oldest that compiles everything here; 19 is what is installed where there is none.
const OLDEST_CLANG = 14;

function hasClang() {
  const given = process.env.TSBPF_CLANG;
  if (given) return existsSync(given) || findProgram(given) !== undefined;
  for (let version = 30; version >= OLDEST_CLANG; version--) {
    if (findProgram(`clang-${version}`) !== undefined) return true;
  }
  const found = findProgram("clang");
  const version = found && /version (\d+)/.exec(ask(found, ["--version"]) ?? "");
  return Boolean(version) && Number(version[1]) >= OLDEST_CLANG;
}

/** Installs what is missing, or says what to install. */
export function installPackages({ demo }) {
  const missing = [...BASE, ...(demo ? DEMO : [])].filter((need) => !need.present());
  if (missing.length > 0) install(missing);
}

/** Installs one more package later on, where another way failed. */
export function installPackage(name, present) {
  if (!present()) install([{ package: name, present }]);
}

function install(missing) {
  const names = missing.map((need) => need.package);
  const update = ["-o", "APT::Update::Error-Mode=any", "update"];
  const add = ["install", "-y", "--no-install-recommends", ...names];
  if (findProgram("apt-get") === undefined) {
    throw new SetupError(`missing: ${names.join(", ")} (by their names in Debian), and there is no apt-get`, {
      remedy: "install them with this system's package manager and run `npm run setup` again",
    });
  }
  if (process.getuid() !== 0) {
    throw new SetupError(`missing: ${names.join(", ")}, and only root can install them`, {
      remedy: `run as root:\n    apt-get update\n    apt-get ${add.join(" ")}\nand then \`npm run setup\` again`,
    });
  }
  const failure = (why) =>
    new SetupError(`apt-get could not install ${names.join(", ")} (${why})`, {
      remedy:
        "see its messages above: is there a network, and does /etc/apt name a Debian archive that can be reached?",
    });
  run("apt-get", update, { failure });
  withoutServices(missing, () =>
    run("apt-get", add, { env: { DEBIAN_FRONTEND: "noninteractive" }, failure }),
  );
  const still = missing.filter((need) => !need.present()).map((need) => need.package);
  if (still.length > 0) throw new SetupError(`${still.join(", ")} installed, and yet not found`);
}

// Debian starts a server when its package is installed. Ours are run by the demonstration, in its own cgroups and namespaces only: a
// policy-rc.d that answers 101, "action forbidden", keeps the others from being started (invoke-rc.d(8)).
function withoutServices(missing, body) {
  const services = missing.flatMap((need) => need.service ?? []);
  const policy = "/usr/sbin/policy-rc.d";
  const ours = services.length > 0 && !existsSync(policy);
  if (ours)
    writeFileSync(
      policy,
      "#!/bin/sh\n# While tsbpf's set-up installs packages: start no services.\nexit 101\n",
      { mode: 0o755 },
    );
  try {
    body();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  // Nor at the next boot.
  if (services.length > 0 && existsSync("/run/systemd/system")) {
    for (const service of services) run("systemctl", ["disable", service], { failure: () => undefined });
  }
}
