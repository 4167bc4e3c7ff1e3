import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import type { CodeAction, Diagnostic, Range, TextEdit } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { main } from "../../cli/support/run.ts";

export interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly Diagnostic[];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** What an editor of today says that it understands. */
export const modern = {
  textDocument: { publishDiagnostics: { relatedInformation: true, codeDescriptionSupport: true } },
  workspace: {
    workspaceEdit: { documentChanges: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
  },
};

/** The editor's side of the protocol, over the pipes of the real process. */
export class Editor implements AsyncDisposable {
  readonly process: ChildProcess;
  /** What the server asked of the editor or told it, diagnostics aside. */
  readonly heard: Message[] = [];
  readonly #documents = new Map<string, TextDocument>();
  readonly #published = new Map<string, Published[]>();
  readonly #answers = new Map<number, (message: Message) => void>();
  #news: (() => void)[] = [];
  #input = Buffer.alloc(0);
  #lastId = 0;

  constructor() {
    this.process = spawn(process.execPath, [main, "lsp", "--stdio"], {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    this.process.stdout?.on("data", (data: Buffer) => this.#read(data));
    this.process.stdin?.on("error", () => {});
  }

  async initialize(folder: string, capabilities: object = modern, processId = process.pid): Promise<unknown> {
    const rootUri = pathToFileURL(folder).href;
    const { result } = await this.request("initialize", { processId, rootUri, capabilities });
    this.notify("initialized", {});
    return result;
  }

  open(uri: string, text: string): void {
    const document = TextDocument.create(uri, "typescript", 1, text);
    this.#documents.set(uri, document);
    this.notify("textDocument/didOpen", {
      textDocument: { uri, languageId: "typescript", version: 1, text },
    });
  }

  /** Replaces one occurrence by another text, as typing does. */
  replace(uri: string, what: string, by: string): void {
    const document = this.#document(uri);
    const start = document.getText().indexOf(what);
    if (start < 0) throw new Error(`${what} is not in ${uri}`);
    this.edit(uri, [
      {
        range: { start: document.positionAt(start), end: document.positionAt(start + what.length) },
        newText: by,
      },
    ]);
  }

  edit(uri: string, edits: readonly TextEdit[]): void {
    const document = this.#document(uri);
    const version = document.version + 1;
    const contentChanges = edits.map(({ range, newText }) => ({ range, text: newText }));
    this.#documents.set(uri, TextDocument.update(document, contentChanges, version));
    this.notify("textDocument/didChange", { textDocument: { uri, version }, contentChanges });
  }

  save(uri: string): void {
    this.notify("textDocument/didSave", { textDocument: { uri } });
  }

  close(uri: string): void {
    this.#documents.delete(uri);
    this.notify("textDocument/didClose", { textDocument: { uri } });
  }

  text(uri: string): string {
    return this.#document(uri).getText();
  }

  /** The next that is published for a URI. */
  async next(uri: string): Promise<Published> {
    for (;;) {
      const published = this.#published.get(uri)?.shift();
      if (published !== undefined) return published;
      await new Promise<void>((resolve) => this.#news.push(resolve));
    }
  }

  /** Waits until what is shown for a URI has these codes, in order of place. */
  async shows(uri: string, codes: readonly string[]): Promise<Published> {
    for (;;) {
      const published = await this.next(uri);
      if (JSON.stringify(published.diagnostics.map(({ code }) => code)) === JSON.stringify(codes))
        return published;
    }
  }

  async codeActions(uri: string, range: Range, only?: readonly string[]): Promise<readonly CodeAction[]> {
    const context = { diagnostics: [], ...(only === undefined ? {} : { only }) };
    const { result } = await this.request("textDocument/codeAction", {
      textDocument: { uri },
      range,
      context,
    });
    return result as CodeAction[];
  }

  request(method: string, params?: unknown): Promise<Message> {
    const id = ++this.#lastId;
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.send({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
    return answer;
  }

  notify(method: string, params?: unknown): void {
    this.send({ jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }) });
  }

  send(message: unknown): void {
    const body = JSON.stringify(message);
    this.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  write(bytes: string | Uint8Array): void {
    this.process.stdin?.write(bytes);
  }

  async ended(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, "exit");
    return this.process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended();
  }

  #document(uri: string): TextDocument {
    const document = this.#documents.get(uri);
    if (document === undefined) throw new Error(`${uri} is not open`);
    return document;
  }

  #read(data: Buffer): void {
    this.#input = Buffer.concat([this.#input, data]);
    for (;;) {
      const end = this.#input.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#input.toString("latin1", 0, end))?.[1]);
      if (this.#input.length < end + 4 + length) return;
      this.#take(JSON.parse(this.#input.toString("utf8", end + 4, end + 4 + length)));
      this.#input = this.#input.subarray(end + 4 + length);
    }
  }

  #take(message: Message): void {
    const { id, method, params } = message;
    if (method === "textDocument/publishDiagnostics") {
      const published = params as Published;
      this.#published.set(published.uri, [...(this.#published.get(published.uri) ?? []), published]);
    } else if (method !== undefined) {
      this.heard.push(message);
      if (id !== undefined) this.send({ jsonrpc: "2.0", id, result: null });
    } else if (id !== undefined) {
      this.#answers.get(id)?.(message);
    }
    for (const wake of this.#news.splice(0)) wake();
  }
}
