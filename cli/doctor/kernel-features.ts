import { type FeatureReport, probeFeatures } from "../../runtime/features.ts";
import { type Category, type Check, type Outcome, ok } from "./check.ts";

type Kind = "program" | "map" | "link";

/** One line for all features of a kind: how many there are, or by name which are missing. */
export function summarise(
  features: readonly FeatureReport[],
  missing: Pick<Outcome, "status" | "hint">,
): Outcome {
  const not = features.filter((feature) => feature.answer === "no");
  if (not.length > 0) {
    const names = not.map(({ title, since }) => (since === undefined ? title : `${title} (Linux ${since})`));
    return { ...missing, detail: `without ${names.join(", ")}`, code: "TSB4013" };
  }
  if (features.some((feature) => feature.answer === "unknown")) {
    return { status: "warning", detail: "not permitted to find out", hint: "run as root", code: "TSB4010" };
  }
  return ok(`all ${features.length} that this version uses`);
}

function check(kind: Kind, title: string, missing: Pick<Outcome, "status" | "hint">): Check {
  return {
    id: `${kind}-types`,
    title,
    run: () =>
      summarise(
        probeFeatures().filter(({ name }) => name.startsWith(`${kind}:`)),
        missing,
      ),
  };
}

/** Found out by making each, not by version numbers. */
export const kernelFeatures: Category = {
  name: "kernel features",
  checks: [
    check("program", "program types", {
      status: "error",
      hint: "programs of these types cannot be loaded on this kernel",
    }),
    check("map", "map types", {
      status: "error",
      hint: "objects with these maps cannot be loaded on this kernel",
    }),
    check("link", "links", {
      status: "warning",
      hint: "programs are attached without a link there, and detached at exit",
    }),
  ],
};
