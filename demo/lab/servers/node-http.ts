import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabProcess } from "../process.ts";
import { scriptPath } from "../script.ts";
import { type HttpServer, type HttpServerOptions, portOf } from "./http-server.ts";
import { listening } from "./listening.ts";
import { ScratchFolder } from "./scratch.ts";

/** Node's own http server in a process of its own. */
export async function startNodeHttp(options: HttpServerOptions): Promise<HttpServer> {
  const folder = ScratchFolder.create("node-http");
  try {
    const root = join(folder.path, "www");
    mkdirSync(root);
    for (const [name, content] of Object.entries(options.files)) writeFileSync(join(root, name), content);
    const server = LabProcess.start(
      [process.execPath, scriptPath("servers/node-http-main"), root, ...options.listen],
      options,
    );
    try {
      for (const address of options.listen) await listening(server, portOf(address), options);
    } catch (error) {
      await server.close();
      throw error;
    }
    return {
      software: `node:http ${process.version}`,
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
