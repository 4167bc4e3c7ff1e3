// What is in the virtual machine: busybox, this Node.js, the built package and the tests.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ask, root, SetupError } from "../setup/step.mjs";
import { Initramfs } from "./initramfs.mjs";

/** The last line of the guest's output: a machine that panics ends as quietly as one that is done. */
export const EXIT_LINE = "tsbpf exit code ";
/** The first line: the kernel has booted. */
export const UP_LINE = "tsbpf up";

const init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/usr/bin:/bin HOME=/root NO_COLOR=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
stty -F /dev/ttyS1 -opost -echo raw 2>/dev/null
echo "${UP_LINE}" >/dev/ttyS1
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t bpf bpf /sys/fs/bpf
ln -s /proc/self/fd /dev/fd
ip link set lo up
for module in /modules/*.ko; do
  [ -f "$module" ] || continue
  insmod "$module" || echo "insmod $module failed" >/dev/ttyS1
done
cd /tsbpf
setsid node --test-reporter=spec --test-reporter-destination=stdout main.mjs </dev/null >/dev/ttyS1 2>&1
code=$?
echo >/dev/ttyS1
echo "${EXIT_LINE}$code" >/dev/ttyS1
sleep 0.2
poweroff -f
`;

/** Everything but the kernel's modules. `tests` is the text of the tests' one module, `objects` are bytes by name. */
export function guestFiles(busybox, tests, objects) {
  const image = new Initramfs();
  image.file("/init", init, { executable: true });
  image.file("/bin/busybox", readFileSync(busybox), { executable: true });
  for (const path of ["/proc", "/sys", "/dev", "/tmp", "/run", "/root", "/modules", "/sbin", "/usr/sbin"])
    image.folder(path);
  image.file("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n");
  image.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  image.file("/etc/nsswitch.conf", "passwd: files\nhosts: files\n");

  addProgram(image, process.execPath, "/usr/bin/node");
  for (const name of ["tsbpf.node", "stream-probe"]) {
    const path = join(root, "native", "build", "Release", name);
    if (!existsSync(path)) {
      throw new SetupError(`${relative(root, path)} is not built`, { remedy: "run npm run setup" });
    }
    addProgram(image, path, `/tsbpf/native/build/Release/${name}`);
  }
  image.file("/tsbpf/package.json", readFileSync(join(root, "package.json")));
  // The package is known by it; nothing in it is used without a compiler.
  image.folder("/tsbpf/stdlib");
  for (const part of ["runtime", "mesh", "compiler", "programs"]) addModules(image, join("dist", part));
  for (const [name, bytes] of objects) image.file(`/tsbpf/objects/${name}`, bytes);
  image.file("/tsbpf/main.mjs", tests);
  return image;
}

function addModules(image, folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) addModules(image, path);
    else if (/\.(js|json|o)$/.test(entry.name)) image.file(`/tsbpf/${path}`, readFileSync(join(root, path)));
  }
}

/** With the shared libraries that it needs, at the paths where it looks for them. */
function addProgram(image, path, target) {
  image.file(target, readFileSync(path), { executable: true });
  for (const [library] of (ask("ldd", [path]) ?? "").matchAll(/\/\S+\.so[^\s)]*/g)) {
    if (!image.has(library)) image.file(library, readFileSync(library), { executable: true });
  }
}
