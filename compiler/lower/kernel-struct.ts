import type { IrType } from "../ir/types.ts";
import { type KernelStructName, kernelStructs } from "../kernel/structs.ts";

const names = Object.keys(kernelStructs) as KernelStructName[];

/** The library's name of a struct of the kernel. */
export function kernelStructOf(type: IrType): KernelStructName | undefined {
  return names.find((name) => kernelStructs[name].layout === type);
}

export function isKernelStructName(name: string): name is KernelStructName {
  return Object.hasOwn(kernelStructs, name);
}
