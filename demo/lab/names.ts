/** The name of everything the lab makes: `tsbpf-<pid>-<role>`, so that what is left behind can be told whose it was. */
export function labName(role: string, pid: number = process.pid): string {
  if (!/^[a-z0-9-]+$/.test(role))
    throw new RangeError(`a role is lower-case letters, digits and dashes, not "${role}"`);
  return `tsbpf-${pid}-${role}`;
}
