/**
 * Declares the oldest kernel that the object must load on, at the top of a file: `minKernel("6.1")`. What that kernel lacks is an error. Where several
 * files of one object say it, the newest counts; `--min-kernel` overrules all. Without it the object is written for Linux 5.10.
 */
export declare function minKernel(version: `${number}.${number}`): void;
