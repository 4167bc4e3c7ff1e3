// What helpers and map operations answer: 0, or one of these (include/uapi/asm-generic/errno-base.h, errno.h).

export const ENOENT = -2;
export const E2BIG = -7;
export const EAGAIN = -11;
export const ENOMEM = -12;
export const EFAULT = -14;
export const EEXIST = -17;
export const EINVAL = -22;
export const ENOSPC = -28;
export const ERANGE = -34;
export const EOPNOTSUPP = -95;
