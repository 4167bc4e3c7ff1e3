throw new Error("this module is kernel-side: import it only in *.bpf.ts files");
