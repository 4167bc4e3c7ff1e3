import { writeSync } from "node:fs";
import { ExitCode } from "../exit-code.ts";

/** Where a command writes: what was asked for on stdout, what is going on on stderr. */
export interface Output {
  data(text: string | Uint8Array): void;
  progress(text: string): void;
  /** True once the reader of stdout has gone. */
  readonly closed: boolean;
  /** Called when it goes, so that a command that streams can stop. */
  onClosed(listener: () => void): void;
}

/** A full disk behind `> FILE`: what was printed is not whole, so this is no success, and nothing more can be done. */
function cannotWrite(error: NodeJS.ErrnoException): never {
  const reason = error.code === "ENOSPC" ? "no space left on the device" : error.message;
  try {
    writeSync(
      process.stderr.fd,
      `error: the output cannot be written: ${reason}\nmake room, or write it elsewhere\n`,
    );
  } catch {
    // stderr may be what cannot be written to.
  }
  process.exit(ExitCode.environment);
}

/**
 * stdout and stderr of this process. A reader that goes away (`tsbpf … | head`) is no error: what comes after is dropped, and the
 * command ends as it would have.
 */
export function processOutput(): Output {
  const listeners: (() => void)[] = [];
  let closed = false;
  const quiet = (onGone: () => void) => (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ECONNRESET") cannotWrite(error);
    onGone();
  };
  process.stdout.on(
    "error",
    quiet(() => {
      closed = true;
      for (const listener of listeners.splice(0)) listener();
    }),
  );
  process.stderr.on(
    "error",
    quiet(() => {}),
  );
  return {
    data(text) {
      if (!closed) process.stdout.write(text);
    },
    progress(text) {
      process.stderr.write(text);
    },
    get closed() {
      return closed;
    },
    onClosed(listener) {
      if (closed) listener();
      else listeners.push(listener);
    },
  };
}
