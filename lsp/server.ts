import {
  CodeActionKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
  PositionEncodingKind,
  TextDocumentSyncKind,
  TextDocuments,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { CompileOptions } from "../compiler/index.ts";
import { describeClient } from "./client.ts";
import { pathOfUri } from "./file-uri.ts";
import { Session } from "./session.ts";

export interface ServerOptions extends Pick<CompileOptions, "minKernel"> {
  readonly version: string;
}

/** Answers an editor: diagnostics of the open `*.bpf.ts` files, as they stand in the editor, and quick fixes for them. */
export function serve(connection: Connection, { version, ...options }: ServerOptions): void {
  let session: Session | undefined;
  connection.onInitialize((parameters): InitializeResult => {
    session?.stop();
    const client = describeClient(parameters.capabilities);
    session = new Session(connection, client, foldersOf(parameters), options);
    return {
      capabilities: {
        positionEncoding: PositionEncodingKind.UTF16,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      },
      serverInfo: { name: "tsbpf", version },
    };
  });
  connection.onInitialized(() => session?.watchFiles());

  // What comes before `initialize` is dropped, as the protocol asks.
  const texts = new TextDocuments(TextDocument);
  texts.onDidChangeContent(({ document }) => session?.changed(document));
  texts.onDidSave(({ document }) => session?.saved(document));
  texts.onDidClose(({ document }) => session?.closed(document));
  texts.listen(connection);

  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) session?.changedOnDisk(uri);
  });
  connection.onCodeAction(({ textDocument, range, context }) => {
    const wanted = context.only === undefined || context.only.some(includesQuickFixes);
    return wanted ? (session?.fixes(textDocument.uri, range) ?? []) : [];
  });
  connection.onShutdown(() => session?.stop());
  connection.listen();
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
  return uris.flatMap((uri) => pathOfUri(uri) ?? []);
}

/** Kinds are a hierarchy: who asks for `quickfix` asks for all below it, and `` is the root. */
function includesQuickFixes(kind: string): boolean {
  return kind === CodeActionKind.Empty || kind === CodeActionKind.QuickFix;
}
