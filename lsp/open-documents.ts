import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Overlay } from "../compiler/frontend/read-source.ts";
import { pathOfUri } from "./file-uri.ts";

/** What the editor has open, by file. A document that is no file is not known here. */
export class OpenDocuments {
  readonly #byPath = new Map<string, TextDocument>();
  /** Resolved when opened: the link may lead elsewhere by the time of closing. */
  readonly #paths = new Map<string, string>();

  /** Takes a document as opened or changed, and answers which file it is. */
  hold(document: TextDocument): string | undefined {
    // The protocol's types are the client's promise.
    if (typeof document.getText() !== "string") return undefined;
    const path = this.#paths.get(document.uri) ?? pathOfUri(document.uri);
    if (path === undefined) return undefined;
    this.#paths.set(document.uri, path);
    this.#byPath.set(path, document);
    return path;
  }

  release(uri: string): string | undefined {
    const path = this.#paths.get(uri);
    if (path === undefined) return undefined;
    this.#paths.delete(uri);
    // A file may be open by two names; the one that is left is shown from now on by what changes it next.
    if (this.#byPath.get(path)?.uri === uri) this.#byPath.delete(path);
    return path;
  }

  get(path: string): TextDocument | undefined {
    return this.#byPath.get(path);
  }

  has(uri: string): boolean {
    return this.#paths.has(uri);
  }

  /** Of an open document; undefined where the file is not open. */
  version(uri: string): number | undefined {
    const path = this.#paths.get(uri);
    return path === undefined ? undefined : this.#byPath.get(path)?.version;
  }

  overlay(): Overlay {
    return new Map([...this.#byPath].map(([path, document]) => [path, document.getText()]));
  }
}
