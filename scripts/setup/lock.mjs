import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { report, root, SetupError } from "./step.mjs";

const WAIT_MS = 20 * 60_000;

/** Runs `body` while no other set-up of this checkout runs: `npm test` beside `npm start` is usual, two compilers in one folder are not. */
export function withLock(body) {
  const path = join(root, ".cache", "setup.lock");
  mkdirSync(join(root, ".cache"), { recursive: true });
  const deadline = Date.now() + WAIT_MS;
  for (let told = false; !take(path); told = true) {
    if (!told) report("waiting for another set-up of this checkout");
    if (Date.now() > deadline) {
      throw new SetupError("another set-up of this checkout does not end", {
        remedy: `if there is none, remove ${path}`,
      });
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  // Without a listener the signal that ends the command in the foreground would end this process before `finally`.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    body();
  } finally {
    process.off("SIGINT", ignore);
    rmSync(path, { force: true });
  }
}

function take(path) {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  // Its owner may have been killed.
  let owner = 0;
  try {
    owner = Number(readFileSync(path, "utf8"));
    if (owner > 0) process.kill(owner, 0);
  } catch (error) {
    if (error.code === "ESRCH") rmSync(path, { force: true });
  }
  return false;
}
