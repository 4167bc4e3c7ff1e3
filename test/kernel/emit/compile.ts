import { spawnSync } from "node:child_process";
import { emitC } from "../../../compiler/emit/index.ts";
import type { IrModule } from "../../../compiler/ir/module.ts";
import { finishObject } from "../../../compiler/object/index.ts";
import { runPasses } from "../../../compiler/passes/index.ts";
import { compileC } from "../../../compiler/toolchain/index.ts";
import type { Collection } from "../../../runtime/collection.ts";
import { loadObject, open } from "../../../runtime/index.ts";

/** The clangs of this machine that the emitted C has to serve: the oldest and the newest that the project names. */
export const clangs: readonly string[] = ["clang-14", "clang-19"].filter(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);

/** From the intermediate representation to an object, by the whole back end. */
export async function compile(module: IrModule, clang?: string): Promise<Uint8Array> {
  const lowered = runPasses(module).module;
  const { text, map, renamed } = emitC(lowered);
  const result = await compileC(text, { map, module: lowered, ...(clang === undefined ? {} : { clang }) });
  if (result.object === undefined) {
    throw new Error(
      `${result.diagnostics.map((d) => [d.message, ...(d.notes ?? [])].join("\n")).join("\n")}\n${text}`,
    );
  }
  return finishObject(result.object, lowered, map, { cwd: "/project", renamed });
}

export async function loadModule(module: IrModule, clang?: string): Promise<Collection> {
  return loadObject(open(await compile(module, clang), { name: "test.bpf.o" }));
}
