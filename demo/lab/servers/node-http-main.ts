import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, normalize } from "node:path";

// node node-http-main.js FOLDER HOST:PORT…: serves the folder's files. What runs where nginx is not installed.
const [folder, ...listen] = process.argv.slice(2);
if (folder === undefined || listen.length === 0) throw new Error("usage: node-http-main FOLDER HOST:PORT…");

const cache = new Map<string, Buffer>();
function content(path: string): Buffer | undefined {
  const file = join(folder as string, normalize(path));
  const cached = cache.get(file);
  if (cached) return cached;
  try {
    const bytes = readFileSync(file);
    cache.set(file, bytes);
    return bytes;
  } catch {
    return undefined;
  }
}

for (const address of listen) {
  const colon = address.lastIndexOf(":");
  const server = createServer((request, response) => {
    const body = content(request.url ?? "/");
    response.writeHead(body ? 200 : 404, { "content-length": body?.length ?? 0 }).end(body);
  });
  server.keepAliveTimeout = 65_000;
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  // As nginx does: `[::]` is IPv6 alone, so that 0.0.0.0 may be given beside it.
  server.listen({ host, port: Number(address.slice(colon + 1)), ipv6Only: host.includes(":") });
}
process.on("SIGTERM", () => process.exit(0));
