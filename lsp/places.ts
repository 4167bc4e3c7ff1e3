import { pathToFileURL } from "node:url";
import type { Location } from "vscode-languageserver/node";
import type { Span } from "../compiler/diagnostics/diagnostic.ts";
import { SourceText } from "../compiler/diagnostics/source-text.ts";
import type { OpenDocuments } from "./open-documents.ts";

/** Says where spans are, in the protocol's terms: lines and UTF-16 columns from 0, files by URI. */
export class Places {
  readonly #sources: ReadonlyMap<string, string>;
  readonly #documents: OpenDocuments;
  readonly #texts = new Map<string, SourceText>();

  /** @param sources the texts that the spans were made from */
  constructor(sources: ReadonlyMap<string, string>, documents: OpenDocuments) {
    this.#sources = sources;
    this.#documents = documents;
  }

  locate(span: Span): Location {
    const text = this.#text(span.file);
    const position = (offset: number) => {
      const { line, column } = text.positionAt(offset);
      return { line: line - 1, character: column - 1 };
    };
    return {
      uri: this.uri(span.file),
      range: { start: position(span.start), end: position(Math.max(span.start, span.end)) },
    };
  }

  /** As the editor names the file, where it has it open. */
  uri(file: string): string {
    return this.#documents.get(file)?.uri ?? pathToFileURL(file).href;
  }

  #text(file: string): SourceText {
    let text = this.#texts.get(file);
    if (text === undefined) {
      text = new SourceText(this.#sources.get(file) ?? "");
      this.#texts.set(file, text);
    }
    return text;
  }
}
