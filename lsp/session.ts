import {
  type CodeAction,
  type Connection,
  DidChangeWatchedFilesNotification,
  type Range,
} from "vscode-languageserver/node";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { isKernelSource } from "../compiler/frontend/source-graph.ts";
import type { CompileOptions } from "../compiler/index.ts";
import { CheckQueue } from "./check-queue.ts";
import { Checks } from "./checks.ts";
import type { Client } from "./client.ts";
import { pathOfUri } from "./file-uri.ts";
import { OpenDocuments } from "./open-documents.ts";
import { quickFixes } from "./quick-fixes.ts";

/** Milliseconds without a key pressed before a changed text is checked. */
const pause = 150;

/** What is kept between `initialize` and `shutdown`. */
export class Session {
  readonly #connection: Connection;
  readonly #client: Client;
  readonly #documents = new OpenDocuments();
  readonly #checks: Checks;
  readonly #queue: CheckQueue;

  constructor(connection: Connection, client: Client, folders: readonly string[], options: CompileOptions) {
    this.#connection = connection;
    this.#client = client;
    this.#checks = new Checks(this.#documents, client, folders, options);
    this.#queue = new CheckQueue((path) => this.#check(path));
  }

  /** Files that are not open change as well: a branch is checked out, a generator runs. */
  watchFiles(): void {
    if (!this.#client.watchesFiles) return;
    const watchers = [{ globPattern: "**/*.ts" }];
    this.#connection.client
      .register(DidChangeWatchedFilesNotification.type, { watchers })
      .catch((error) => this.#connection.console.warn(`files are not watched: ${error}`));
  }

  changed(document: TextDocument): void {
    const isNew = !this.#documents.has(document.uri);
    const path = this.#documents.hold(document);
    if (path !== undefined) this.#recheck(path, isNew ? 0 : pause);
  }

  saved(document: TextDocument): void {
    const path = this.#documents.hold(document);
    if (path !== undefined) this.#recheck(path, 0);
  }

  closed({ uri }: TextDocument): void {
    const path = this.#documents.release(uri);
    if (path === undefined) return;
    this.#queue.drop(path);
    this.#publish(new Set([uri, ...this.#checks.forget(path)]));
    this.#recheck(path, 0);
  }

  changedOnDisk(uri: string): void {
    const path = pathOfUri(uri);
    if (path !== undefined && this.#documents.get(path) === undefined) this.#recheck(path, pause);
  }

  fixes(uri: string, range: Range): CodeAction[] {
    // An edit has to fit the text as it is now.
    this.#queue.settle();
    return quickFixes(this.#checks.problems(uri), range, (each) =>
      this.#client.versionedEdits ? (this.#documents.version(each) ?? null) : undefined,
    );
  }

  stop(): void {
    this.#queue.stop();
  }

  /** The file itself first, as that is where the user looks. */
  #recheck(path: string, delay: number): void {
    const itself = this.#documents.get(path) !== undefined && isKernelSource(path) ? [path] : [];
    this.#queue.add([...itself, ...this.#checks.dependents(path)], delay);
  }

  #check(path: string): void {
    try {
      this.#publish(this.#checks.check(path));
    } catch (error) {
      // The next change is checked all the same.
      this.#connection.console.error(`${path} cannot be checked: ${error}`);
    }
  }

  #publish(uris: ReadonlySet<string>): void {
    for (const uri of uris) {
      const version = this.#documents.version(uri);
      const diagnostics = this.#checks.problems(uri).map(({ shown }) => shown);
      this.#connection
        .sendDiagnostics({ uri, diagnostics, ...(version === undefined ? {} : { version }) })
        .catch(() => {
          // The editor has gone; the process ends with its input.
        });
    }
  }
}
