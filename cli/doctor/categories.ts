import type { Category } from "./check.ts";
import { kernelFeatures } from "./kernel-features.ts";
import { programsAtHand } from "./programs-at-hand.ts";
import { system } from "./system.ts";
import { toolchain } from "./toolchain.ts";

/** In the order in which they are mended. A new category is added here. */
export const categories: readonly Category[] = [system, toolchain, kernelFeatures, programsAtHand];
