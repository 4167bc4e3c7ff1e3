import { createInterface } from "node:readline";
import { type LoadRequest, loadWindow } from "./load-client.ts";

// One JSON request per line on stdin, one JSON result per line on stdout, until stdin ends: the process lives for all windows, so that
// each finds the same warm code.
for await (const line of createInterface({ input: process.stdin })) {
  const result = await loadWindow(JSON.parse(line) as LoadRequest);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
