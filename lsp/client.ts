import type { ClientCapabilities } from "vscode-languageserver/node";

/** What the editor said that it understands. */
export interface Client {
  readonly relatedInformation: boolean;
  readonly codeDescription: boolean;
  readonly versionedEdits: boolean;
  readonly watchesFiles: boolean;
}

export function describeClient({ textDocument, workspace }: ClientCapabilities): Client {
  return {
    relatedInformation: textDocument?.publishDiagnostics?.relatedInformation === true,
    codeDescription: textDocument?.publishDiagnostics?.codeDescriptionSupport === true,
    versionedEdits: workspace?.workspaceEdit?.documentChanges === true,
    watchesFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
  };
}
