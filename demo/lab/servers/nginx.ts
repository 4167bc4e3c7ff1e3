import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabProcess, run } from "../process.ts";
import { type HttpServer, type HttpServerOptions, portOf } from "./http-server.ts";
import { listening } from "./listening.ts";
import { ScratchFolder } from "./scratch.ts";

/** A configuration that touches nothing outside `prefix`. */
export function nginxConfiguration(prefix: string, listen: readonly string[]): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `  ${kind}_temp_path ${prefix}/${kind};`,
  );
  return `daemon off;
user root;
worker_processes 1;
pid ${prefix}/nginx.pid;
error_log ${prefix}/error.log;
events { worker_connections 1024; }
http {
${temporary.join("\n")}
  access_log off;
  default_type application/octet-stream;
  sendfile on;
  tcp_nodelay on;
  keepalive_timeout 65s;
  # The default of 1000 would make long runs reconnect in the middle.
  keepalive_requests 100000000;
  server {
${listen.map((address) => `    listen ${address};`).join("\n")}
    root ${prefix}/www;
  }
}
`;
}

/** Debian's nginx, unmodified. `undefined` where it is not installed. */
export async function startNginx(options: HttpServerOptions): Promise<HttpServer | undefined> {
  const version = await run(["nginx", "-v"]).catch(() => undefined);
  if (!version) return undefined;
  const folder = ScratchFolder.create("nginx");
  try {
    const configuration = join(folder.path, "nginx.conf");
    mkdirSync(join(folder.path, "www"));
    for (const [name, content] of Object.entries(options.files))
      writeFileSync(join(folder.path, "www", name), content);
    writeFileSync(configuration, nginxConfiguration(folder.path, options.listen));
    const command = ["nginx", "-p", folder.path, "-c", configuration, "-e", join(folder.path, "error.log")];
    const server = LabProcess.start(command, options);
    try {
      for (const address of options.listen) await listening(server, portOf(address), options);
    } catch (error) {
      await server.close();
      throw error;
    }
    return {
      software: version.stderr.trim().replace("nginx version: ", ""),
      process: server,
      async close() {
        await server.close();
        folder.close();
      },
    };
  } catch (error) {
    folder.close();
    throw error;
  }
}
