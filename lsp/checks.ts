import { dirname, sep } from "node:path";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { importNotFound } from "../compiler/diagnostics/modules.ts";
import { noProgram } from "../compiler/diagnostics/programs.ts";
import { isKernelSource } from "../compiler/frontend/source-graph.ts";
import { type CompileOptions, check } from "../compiler/index.ts";
import type { Client } from "./client.ts";
import type { OpenDocuments } from "./open-documents.ts";
import { Places } from "./places.ts";
import { describeProblem, type Problem } from "./problem.ts";

/** Below it, a file is named in messages by its path from here. */
export type Folders = readonly string[];

interface Checked {
  readonly problems: readonly Problem[];
  /** Every file that was read. */
  readonly read: ReadonlySet<string>;
  /** It imports what is not there: whatever file comes may be that. */
  readonly lacksImport: boolean;
}

/** What checks of the open files found. A file that several import is complained about once. */
export class Checks {
  readonly #documents: OpenDocuments;
  readonly #client: Client;
  readonly #folders: Folders;
  readonly #options: CompileOptions;
  readonly #checked = new Map<string, Checked>();

  constructor(documents: OpenDocuments, client: Client, folders: Folders, options: CompileOptions) {
    this.#documents = documents;
    this.#client = client;
    this.#folders = folders;
    this.#options = options;
  }

  /** Checks an open file as it is in the editor, and answers for which URIs there is something new to show. */
  check(path: string): ReadonlySet<string> {
    const document = this.#documents.get(path);
    if (document === undefined || !isKernelSource(path)) return new Set();
    const overlay = this.#documents.overlay();
    const { diagnostics, sources } = check(path, { ...this.#options, cwd: this.#folderOf(path), overlay });
    const places = new Places(sources, this.#documents);
    const before = this.#checked.get(path)?.problems ?? [];
    const problems = diagnostics
      .filter(isShown)
      .map((diagnostic) => describeProblem(diagnostic, path, places, this.#client));
    const lacksImport = diagnostics.some(({ code }) => code === importNotFound.code);
    this.#checked.set(path, { problems, read: new Set([path, ...sources.keys()]), lacksImport });
    return new Set([document.uri, ...[...before, ...problems].map(({ uri }) => uri)]);
  }

  /** Drops what the check of a file found, when it is closed, and answers for which URIs that changes something. */
  forget(path: string): ReadonlySet<string> {
    const problems = this.#checked.get(path)?.problems ?? [];
    this.#checked.delete(path);
    return new Set(problems.map(({ uri }) => uri));
  }

  /** The checked files for which it matters what is in this one. */
  dependents(path: string): string[] {
    return [...this.#checked]
      .filter(([entry, { read, lacksImport }]) => entry !== path && (read.has(path) || lacksImport))
      .map(([entry]) => entry);
  }

  problems(uri: string): Problem[] {
    const all = [...this.#checked.values()].flatMap(({ problems }) => problems);
    const here = all.filter((problem) => problem.uri === uri);
    return [...new Map(here.map((problem) => [identity(problem), problem])).values()];
  }

  #folderOf(path: string): string {
    return this.#folders.find((folder) => path.startsWith(folder + sep)) ?? dirname(path);
  }
}

/** A file of functions for others has no program; whether this one is to be loaded is not known here. */
function isShown({ code }: Diagnostic): boolean {
  return code !== noProgram.code;
}

function identity({ shown: { code, range, message } }: Problem): string {
  return JSON.stringify([code, range, message]);
}
