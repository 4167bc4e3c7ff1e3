import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { MessageFilter } from "../lsp/message-filter.ts";
import { serve } from "../lsp/server.ts";
import type { LspOptions } from "./commands/lsp.ts";
import { packageVersion } from "./version.ts";

/** Serves an editor on stdin and stdout. The process ends when the editor says so, closes stdin or dies: the library sees to that. */
export function runLsp({ minKernel }: LspOptions): Promise<never> {
  const input = process.stdin.pipe(new MessageFilter());
  const connection = createConnection(ProposedFeatures.all, input, process.stdout);
  serve(connection, { version: packageVersion(), ...(minKernel === undefined ? {} : { minKernel }) });
  return new Promise(() => {});
}
