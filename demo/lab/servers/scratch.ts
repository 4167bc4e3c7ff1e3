import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labName } from "../names.ts";

/** A folder of our own below the system's temporary one. */
export class ScratchFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static create(role: string): ScratchFolder {
    return new ScratchFolder(mkdtempSync(join(tmpdir(), `${labName(role)}-`)));
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
