import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeTemporary } from "../support/bpffs.ts";
import { ensureDist, packageRoot } from "../support/dist.ts";

// What is published, in a project of its own: only files that the package lists, reached only through what it exports.

const kernelSide = `import { HashMap, type u32, type u64, xdp, XdpAction } from "tsbpf/stdlib";
import { etherTypeOf } from "./types.js";

export const seen = new HashMap<u32, u64>({ maxEntries: 8 });

export const count = xdp((packet) => {
  seen.set(packet.ingressIfindex, etherTypeOf);
  return XdpAction.PASS;
});
`;

const userSpace = `import { load, open } from "tsbpf";
import { XdpAction } from "tsbpf/stdlib";

export async function first(): Promise<bigint | undefined> {
  using app = await load<typeof import("./bpf/seen.bpf.js")>("bpf/seen.bpf.ts");
  return app.maps.seen.get(1);
}
console.log(JSON.stringify([open("bpf/seen.bpf.o").map("seen").maxEntries, XdpAction.PASS]));
`;

const userOptions = {
  compilerOptions: {
    target: "es2022",
    lib: ["es2022", "esnext.disposable"],
    module: "nodenext",
    strict: true,
    types: ["node"],
    outDir: "out",
    rootDir: ".",
  },
  include: ["main.ts"],
};

function publishedFiles(): readonly string[] {
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: packageRoot,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as { readonly files: readonly { readonly path: string }[] }[];
  return packed?.files.map(({ path }) => path) ?? [];
}

describe("the published package", () => {
  const folder = makeTemporary("package");
  const project = folder.path;
  afterAll(() => folder[Symbol.dispose]());
  const node = (...parts: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, parts, { cwd: project, encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
    return stdout;
  };
  const tsbpf = (...parts: string[]) => node("node_modules/tsbpf/dist/cli/main.js", ...parts);
  const tsc = (...parts: string[]) => node("node_modules/typescript/bin/tsc", ...parts);

  beforeAll(() => {
    ensureDist();
    const modules = join(project, "node_modules");
    for (const path of publishedFiles()) {
      const place = join(modules, "tsbpf", path);
      mkdirSync(dirname(place), { recursive: true });
      cpSync(join(packageRoot, path), place);
    }
    for (const dependency of ["commander", "picocolors", "typescript", "@types"]) {
      symlinkSync(join(packageRoot, "node_modules", dependency), join(modules, dependency));
    }
    mkdirSync(join(project, "bpf"));
    const files = {
      "package.json": JSON.stringify({ type: "module" }),
      "bpf/seen.bpf.ts": kernelSide,
      "bpf/types.ts": "export const etherTypeOf = 0x0800n;\n",
      "bpf/tsconfig.json": JSON.stringify({ extends: "tsbpf/tsconfig.bpf.json", include: ["**/*.bpf.ts"] }),
      "main.ts": userSpace,
      "tsconfig.json": JSON.stringify(userOptions),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  });

  test("checks and builds a program", () => {
    expect(tsbpf("check", "bpf/seen.bpf.ts")).toBe("");
    tsbpf("build", "bpf/seen.bpf.ts");
  });

  test("kernel side and user space check, each with its own libraries", () => {
    expect(tsc("-p", "bpf")).toBe("");
    expect(tsc("-p", ".")).toBe("");
  });

  test("user space runs with what the package exports", () => {
    expect(JSON.parse(node("out/main.js"))).toEqual([8, 2]);
  });

  test("explains its codes", () => {
    expect(tsbpf("explain", "TSB1204")).toContain("TSB1204");
  });

  test("has no install script and nothing of the checkout's own", () => {
    const published = publishedFiles();
    expect(published.filter((path) => /^(test|scripts|\.ci)\/|\.tsbuildinfo|\.cache\//.test(path))).toEqual(
      [],
    );
    expect(published).toEqual(
      expect.arrayContaining(["LICENSE", "dist/bundle/command-line.cjs", "dist/bundle/LICENSES"]),
    );
  });
});
