import { cpus, loadavg, release } from "node:os";

/** What the figures were measured on. Others' work on it is told: it is in the figures. */
export function describeMachine(): string {
  const count = cpus().length;
  const busy = loadavg()[0] ?? 0;
  const others = busy > count ? `, busy with other work (load ${busy.toFixed(1)}): expect noise` : "";
  return `Linux ${release()}, ${count} CPUs${others}`;
}
