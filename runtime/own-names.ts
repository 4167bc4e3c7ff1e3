// What the compiler adds to an object for the runtime alone (compiler/emit/log-names.ts): hidden from listings.

/** The ring buffer of `console.log`. */
export const logMapName = "tsbpf_log";
/** The global that counts records for which there was no room. */
export const logLostName = "tsbpf_log_lost";
