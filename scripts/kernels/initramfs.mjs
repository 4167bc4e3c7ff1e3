// An archive that the kernel unpacks as its first file system: cpio's "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst).

import { closeSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const FOLDER = 0o040755;
const FILE = 0o100644;
const PROGRAM = 0o100755;
const LINK = 0o120777;

export class Initramfs {
  #entries = new Map();

  /** `content`: bytes or text. Folders on the way are made. */
  file(path, content, { executable = false } = {}) {
    this.folder(dirname(path));
    this.#entries.set(path, { mode: executable ? PROGRAM : FILE, content: Buffer.from(content) });
  }

  folder(path) {
    if (path === "/" || this.#entries.has(path)) return;
    this.folder(dirname(path));
    this.#entries.set(path, { mode: FOLDER, content: Buffer.alloc(0) });
  }

  link(path, target) {
    this.folder(dirname(path));
    this.#entries.set(path, { mode: LINK, content: Buffer.from(target) });
  }

  has(path) {
    return this.#entries.has(path);
  }

  write(target) {
    const descriptor = openSync(target, "w");
    try {
      let inode = 1;
      for (const [path, { mode, content }] of this.#entries) {
        put(descriptor, path.slice(1), mode, inode++, content);
      }
      put(descriptor, "TRAILER!!!", 0, 0, Buffer.alloc(0));
    } finally {
      closeSync(descriptor);
    }
  }
}

function put(descriptor, name, mode, inode, content) {
  const nameSize = Buffer.byteLength(name) + 1;
  // Inode, mode, owner, group, links, time, size, device and special device in two numbers each, length of the name, checksum.
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, nameSize, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${name}\0`;
  for (const part of [Buffer.from(header), content]) {
    writeAll(descriptor, part);
    writeAll(descriptor, Buffer.alloc((4 - (part.length % 4)) % 4));
  }
}

function writeAll(descriptor, bytes) {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}
