import { expect, test } from "vitest";
import { build } from "../../compiler/index.ts";
import { loadObject, NotSupportedError, open } from "../../runtime/index.ts";
import { packageRoot } from "../support/dist.ts";
import { describeKernel } from "../support/kernel.ts";

async function compiledFor(minKernel: readonly [number, number]) {
  const { object } = await build("programs/examples/count-connections.bpf.ts", {
    cwd: packageRoot,
    minKernel,
  });
  if (object === undefined) throw new Error("not compiled");
  return open(object);
}

describeKernel(
  "objects for a newer kernel",
  () => {
    test("load where this one has what they use", async () => {
      using app = loadObject(await compiledFor([99, 0]));
      expect(Object.keys(app.programs)).toEqual(["count"]);
    });

    test("are refused with the kernel's name, and what this one said as the cause", async () => {
      const refused = async (minKernel: readonly [number, number]): Promise<unknown> => {
        const spec = await compiledFor(minKernel);
        const { connections } = spec.maps;
        if (connections === undefined) throw new Error("no map");
        // More than a hash map may have on any kernel.
        connections.maxEntries = 0xffffffff;
        try {
          loadObject(spec).close();
        } catch (error) {
          return error;
        }
        throw new Error("was loaded");
      };
      const newer = await refused([99, 0]);
      expect(newer).toBeInstanceOf(NotSupportedError);
      expect(newer).toMatchObject({ since: "99.0", cause: { code: "TSB4014" } });
      expect(String(newer)).toContain("compiled for that kernel");
      expect(await refused([5, 10])).toMatchObject({ name: "BpfError", code: "TSB4014" });
    });
  },
  "clang",
);
