// What `console.log` leaves in an object. User space finds the records by these names.

/** The ring buffer map. */
export const logMapName = "tsbpf_log";
/** The global that counts records for which there was no room. */
export const logLostName = "tsbpf_log_lost";
/** The ring buffer's size. */
export const logMapBytes = 256 * 1024;
