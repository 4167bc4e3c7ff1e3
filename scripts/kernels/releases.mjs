// The kernels that are tested: what Debian's releases run, as they are installed there.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { debianArchives, privateApt, securityArchives, sourceLine, whyNoApt } from "../debian/apt.mjs";
import { ask, run, SetupError } from "../setup/step.mjs";

/** Name to Debian's suite. `new` is what Debian has of the newest release. */
export const releases = { "5.10": "bullseye", 6.1: "bookworm", 6.12: "trixie", new: "sid" };

/** In the order of their age: an object's keys would not keep it. */
export const releaseNames = ["5.10", "6.1", "6.12", "new"];

const META_PACKAGE = "linux-image-cloud-amd64";

/** Where downloads stay for the next run. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tsbpf", "kernels");

/** Downloads the kernel unless an earlier run did. Returns `{ package, image, tree }`: its file, and the unpacked packages. */
export function provideKernel(name, { refresh = false } = {}) {
  const folder = join(cache, name);
  if (refresh || !existsSync(join(folder, "package"))) download(name, folder);
  const tree = join(folder, "tree");
  return { package: readFileSync(join(folder, "package"), "utf8"), tree, image: findImage(tree) };
}

function download(name, folder) {
  const problem = whyNoApt();
  if (problem !== undefined) {
    throw new SetupError(`the kernel ${name} cannot be downloaded: ${problem}`, {
      remedy: "run this on Debian, or on a system derived from it",
    });
  }
  const suite = releases[name];
  const sources = [
    ...debianArchives().map((archive) => sourceLine("deb", archive, suite)),
    // What is not released has no security archive.
    ...(suite === "sid" ? [] : securityArchives()).map((archive) =>
      sourceLine("deb", archive, `${suite}-security`),
    ),
  ];
  const work = `${folder}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, "tree"), { recursive: true });
  const apt = privateApt(join(work, "apt"), sources);
  const failure = (why) =>
    new SetupError(`apt-get could not fetch the kernel of ${suite} (${why})`, {
      remedy: "it needs the network once; after that the kernel is taken from the cache",
    });
  run("apt-get", [...apt, "-qq", "update"], { failure });
  const image = fetchImage(apt, work, failure);
  for (const file of readdirSync(work).filter((entry) => entry.endsWith(".deb"))) {
    run("dpkg-deb", ["--extract", join(work, file), join(work, "tree")]);
    rmSync(join(work, file));
  }
  findImage(join(work, "tree"));
  rmSync(join(work, "apt"), { recursive: true });
  writeFileSync(join(work, "package"), image);
  rmSync(folder, { recursive: true, force: true });
  renameSync(work, folder);
}

/** The newest image that can be had: an index may still list one that the archive has dropped. */
function fetchImage(apt, work, failure) {
  const show = (name) => ask("apt-cache", [...apt, "show", name]) ?? "";
  const images = [...show(META_PACKAGE).matchAll(/^Depends:.*?\b(linux-image-\d[^ ,]*)/gm)].map(
    ([, image]) => image,
  );
  let problem = failure(`there is no ${META_PACKAGE}`);
  for (const image of images) {
    // Since 7.0 an image is three packages: the kernel, its modules, its configuration.
    const split = /^Depends:.*\blinux-binary-/m.test(show(image));
    const version = image.slice("linux-image-".length);
    const packages = split ? [`linux-binary-${version}`, `linux-modules-${version}`] : [image];
    try {
      run("apt-get", [...apt, "-qq", "download", ...packages], { cwd: work, failure });
      return image;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function findImage(tree) {
  const image = files(tree).find((path) => /\/vmlinuz[^/]*$/.test(path));
  if (image === undefined) throw new SetupError(`${tree} has no kernel image`, { exitCode: 1 });
  return image;
}

/** Modules by name with those that they need, each after what it needs: `[{ name, bytes }]`. What is built into the kernel has no file. */
export function kernelModules({ tree }, wanted) {
  const paths = new Map();
  for (const path of files(tree)) {
    const name = /\/([^/]+)\.ko(?:\.xz)?$/.exec(path)?.[1];
    if (name !== undefined) paths.set(name.replaceAll("-", "_"), path);
  }
  const found = new Map();
  const visit = (name) => {
    const path = paths.get(name);
    if (found.has(name) || path === undefined) return;
    const bytes = path.endsWith(".xz")
      ? execFileSync("xz", ["--decompress", "--stdout", path], { maxBuffer: 1 << 28 })
      : readFileSync(path);
    // The section .modinfo is a list of `key=value`, each ended by a zero byte.
    const needs = /\0depends=([^\0]*)\0/.exec(bytes.toString("latin1"))?.[1] ?? "";
    for (const need of needs.split(",")) if (need !== "") visit(need.replaceAll("-", "_"));
    found.set(name, bytes);
  };
  for (const name of wanted) visit(name);
  return [...found].map(([name, bytes]) => ({ name, bytes }));
}
