import type { Output } from "../output/stream.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Whether the user has had enough: a signal, or the reader of stdout has gone. */
export interface Interrupt extends Disposable {
  readonly aborted: boolean;
  /** Settles when it happens. */
  readonly happened: Promise<void>;
}

/** Takes the signals over until it is disposed. Later ones are swallowed: the first is being obeyed. */
export function untilInterrupted(output: Output): Interrupt {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const signal of SIGNALS) process.on(signal, abort);
  output.onClosed(abort);
  const happened = new Promise<void>((resolve) =>
    controller.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  return {
    get aborted() {
      return controller.signal.aborted;
    },
    happened,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, abort);
    },
  };
}
