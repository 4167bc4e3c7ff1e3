// libbpf as the addon links it: 1.5.0, built from the source package of Debian's next stable suite, as Debian 12's own is too old for tcx,
// netkit and sockmap links. It is fetched with a private configuration of apt: the machine's sources, lists and caches stay as they are.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { debianArchives, privateApt, sourceLine, whyNoApt } from "../debian/apt.mjs";
import { ask, readText, report, root, run, SetupError, writeText } from "./step.mjs";
import { installPackage } from "./system-packages.mjs";

const VERSION = "1.5.0";
const SUITE = "trixie";
const TARBALL = `libbpf_${VERSION}.orig.tar.gz`;
const TARBALL_SHA256 = "53492aff6dd47e4da04ef5e672d753b9743848bdb38e9d90eafbe190b7983c44";
const VERSION_HEADER = "/usr/include/bpf/libbpf_version.h";

const vendor = join(root, "native", "vendor");
const library = join(vendor, "libbpf", "lib", "libbpf.a");
const STAMP = "native/vendor/libbpf.stamp";
// Changes when how it is built changes.
const BUILT = `libbpf ${VERSION} build 1`;

/** Returns which libbpf the addon is to be built with: `{ fallback: false }` for the vendored one, `{ fallback: true }` for libbpf-dev. */
export function provideLibbpf() {
  const stamp = readText(STAMP);
  if (stamp === BUILT && existsSync(library)) return { fallback: false, stamp };
  if (stamp?.startsWith("fallback") && fallbackPresent()) {
    report(`using the system's libbpf-dev (to try ${VERSION} again: rm ${STAMP})`);
    return { fallback: true, stamp };
  }
  const problem = build();
  if (problem === undefined) {
    writeText(STAMP, BUILT);
    return { fallback: false, stamp: BUILT };
  }
  report(`libbpf ${VERSION} could not be had: ${problem}`);
  report("falling back to the system's libbpf-dev: what it lacks will be reported as not supported");
  installPackage("libbpf-dev", fallbackPresent);
  const header = readFileSync(VERSION_HEADER, "utf8");
  const [major, minor] = ["MAJOR", "MINOR"].map(
    (part) => new RegExp(`LIBBPF_${part}_VERSION (\\d+)`).exec(header)?.[1],
  );
  const found = `fallback ${major}.${minor}`;
  writeText(STAMP, found);
  return { fallback: true, stamp: found };
}

function fallbackPresent() {
  return existsSync(VERSION_HEADER);
}

/** Returns why it could not be built. */
function build() {
  const work = join(vendor, "build");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const download = fetchSource(work);
    const sum = createHash("sha256")
      .update(readFileSync(join(download, TARBALL)))
      .digest("hex");
    if (sum !== TARBALL_SHA256) return `${TARBALL} has sha256 ${sum}, expected ${TARBALL_SHA256}`;
    const source = join(work, "source");
    mkdirSync(source);
    run("tar", ["-xzf", join(download, TARBALL), "-C", source, "--strip-components=1"]);
    applyPatches(download, source, work);
    const target = join(work, "installed");
    const jobs = `-j${Math.max(1, Math.min(4, cpus()))}`;
    run(
      "make",
      [
        jobs,
        "-s",
        "BUILD_STATIC_ONLY=1",
        "NO_PKG_CONFIG=1",
        "PREFIX=/",
        "LIBDIR=/lib",
        `DESTDIR=${target}`,
        "install",
        "install_uapi_headers",
      ],
      {
        cwd: join(source, "src"),
        env: { CFLAGS: "-g -O2 -fPIC -fvisibility=hidden -w" },
      },
    );
    rmSync(join(vendor, "libbpf"), { recursive: true, force: true });
    renameSync(target, join(vendor, "libbpf"));
    return undefined;
  } catch (error) {
    if (error instanceof SetupError) return error.message;
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const cpus = () => Number(ask("nproc", []) ?? 1);

/** Downloads the source package. apt checks it against the archive's signature; returns the folder it is in. */
function fetchSource(work) {
  const missing = whyNoApt();
  if (missing !== undefined) throw new SetupError(missing);
  let problem;
  for (const archive of debianArchives()) {
    try {
      return fetchFrom(archive, work);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      problem = error;
    }
  }
  throw problem;
}

function fetchFrom(archive, work) {
  const apt = join(work, "apt");
  rmSync(apt, { recursive: true, force: true });
  mkdirSync(join(apt, "download"), { recursive: true });
  const config = privateApt(apt, [sourceLine("deb-src", archive, SUITE)]);
  const failure = (why) => new SetupError(`apt-get could not fetch it from ${archive} (${why})`);
  run("apt-get", [...config, "update"], { failure });
  run("apt-get", [...config, "source", "--download-only", `libbpf/${SUITE}`], {
    cwd: join(apt, "download"),
    failure,
  });
  if (!existsSync(join(apt, "download", TARBALL))) {
    throw new SetupError(
      `${archive} has another version of libbpf in ${SUITE}: ${readdirSync(join(apt, "download")).join(" ")}`,
    );
  }
  return join(apt, "download");
}

/** Debian's own changes, which are fixes of what a damaged object file could do. */
function applyPatches(download, source, work) {
  const archive = readdirSync(download).find((name) => /^libbpf_.*\.debian\.tar\.xz$/.test(name));
  if (archive === undefined) return;
  run("tar", ["-xJf", join(download, archive), "-C", work]);
  const patches = join(work, "debian", "patches");
  const series = existsSync(join(patches, "series")) ? readFileSync(join(patches, "series"), "utf8") : "";
  for (const line of series.split("\n")) {
    const name = line.replace(/#.*/, "").trim();
    if (name !== "") run("patch", ["-p1", "--silent", "-i", join(patches, name)], { cwd: source });
  }
}
