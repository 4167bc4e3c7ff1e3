import type { Stats } from "node:fs";
import { readFileSync, statSync } from "node:fs";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import {
  binaryFile,
  fileNotFound,
  fileTooLarge,
  notAFile,
  unreadableFile,
  wrongEncoding,
} from "../diagnostics/files.ts";

/** Far above any source written by hand; generated declarations of kernel types reach a few megabytes. */
export const maxSourceBytes = 8 * 1024 * 1024;

/**
 * Texts that stand for files, by absolute path as `realpath` would give it: what an editor holds and has not saved. Such a file need not
 * exist. Offsets count in the text as it is given.
 */
export type Overlay = ReadonlyMap<string, string>;

export type ReadResult = { readonly text: string } | { readonly diagnostic: Diagnostic };

/**
 * Reads one source file. A byte order mark is removed, so that offsets count from the first character an editor shows; line ends are kept.
 *
 * @param shown the path as the user knows it, for messages
 * @param from the import that asks for the file
 * @param overlay asked before the disk
 */
export function readSource(path: string, shown: string, from?: Span, overlay?: Overlay): ReadResult {
  const text = overlay?.get(path);
  if (text !== undefined) return checkText(text, shown, from);
  let bytes: Buffer;
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return { diagnostic: notAFile(from, shown, describeKind(stats)) };
    if (stats.size > maxSourceBytes) {
      return { diagnostic: fileTooLarge(from, shown, stats.size, maxSourceBytes) };
    }
    bytes = readFileSync(path);
  } catch (error) {
    return { diagnostic: describeFailure(error, shown, from) };
  }
  return decode(bytes, shown, from);
}

function checkText(text: string, shown: string, from: Span | undefined): ReadResult {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxSourceBytes) return { diagnostic: fileTooLarge(from, shown, bytes, maxSourceBytes) };
  const nul = text.indexOf("\0");
  return nul < 0 ? { text } : { diagnostic: binaryFile(from, shown, Buffer.byteLength(text.slice(0, nul))) };
}

function decode(bytes: Buffer, shown: string, from: Span | undefined): ReadResult {
  const utf16 = utf16Flavour(bytes);
  if (utf16 !== undefined) return { diagnostic: wrongEncoding(from, shown, utf16) };
  // NUL is valid UTF-8, yet no editor writes it: an object file or an archive was named by mistake.
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { diagnostic: binaryFile(from, shown, nul) };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { diagnostic: wrongEncoding(from, shown, undefined, firstInvalidByte(bytes)) };
  }
}

/** By its byte order mark, or, where an editor wrote none, by a first character that is ASCII in two bytes. */
function utf16Flavour(bytes: Buffer): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? "UTF-32LE" : "UTF-16LE";
  if (first === 0xfe && second === 0xff) return "UTF-16BE";
  const isAscii = (byte: number | undefined) => byte !== undefined && byte >= 9 && byte < 0x7f;
  if (isAscii(first) && second === 0 && isAscii(third) && fourth === 0) return "UTF-16LE";
  if (first === 0 && isAscii(second) && third === 0 && isAscii(fourth)) return "UTF-16BE";
  return undefined;
}

/** What a decoder replaces is where re-encoding the longest valid prefix differs. */
function firstInvalidByte(bytes: Buffer): number {
  const reencoded = Buffer.from(bytes.toString("utf8"), "utf8");
  let at = 0;
  while (at < bytes.length && bytes[at] === reencoded[at]) at++;
  return at;
}

function describeKind(stats: Stats): string {
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

function describeFailure(error: unknown, shown: string, from: Span | undefined): Diagnostic {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return fileNotFound(from, shown);
    case "EACCES":
    case "EPERM":
      return unreadableFile(from, shown, "permission denied");
    case "ELOOP":
      return unreadableFile(from, shown, "its symbolic links form a loop");
    case "ENAMETOOLONG":
      return unreadableFile(from, shown, "the name is too long");
    default:
      return unreadableFile(from, shown, error instanceof Error ? error.message : String(error));
  }
}
