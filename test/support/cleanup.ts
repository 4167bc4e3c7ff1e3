// What a test makes outside its process is removed when its scope ends (`using`), and, where the process ends first, by the handler here.

const pending = new Set<() => void>();
let installed = false;

function removeAll(): void {
  for (const remove of [...pending].reverse()) {
    try {
      remove();
    } catch {
      // The next one may still succeed; the process is ending.
    }
  }
  pending.clear();
}

/** Returns a function that removes once, however often it is called. */
export function removedAtExit(remove: () => void): () => void {
  if (!installed) {
    installed = true;
    process.on("exit", removeAll);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        removeAll();
        process.kill(process.pid, signal);
      });
    }
  }
  pending.add(remove);
  return () => {
    if (pending.delete(remove)) remove();
  };
}

let counter = 0;

/** `tsbpf-<pid>-<n>-<name>`: whoever finds a leftover knows whose it was. */
export function ownName(name: string): string {
  return `tsbpf-${process.pid}-${++counter}-${name}`;
}
