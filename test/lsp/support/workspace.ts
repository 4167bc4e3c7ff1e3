import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A folder of sources that an editor has open, gone when disposed. */
export class Workspace implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-lsp-`)));

  file(name: string): string {
    return join(this.path, name);
  }

  uri(name: string): string {
    return pathToFileURL(this.file(name)).href;
  }

  write(name: string, text: string): string {
    writeFileSync(this.file(name), text);
    return this.uri(name);
  }

  remove(name: string): void {
    rmSync(this.file(name));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
