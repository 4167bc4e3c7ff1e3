import { BpfError } from "../../runtime/errors.ts";

/** The error that something which must be refused is refused with; what else is thrown goes on its way. */
export function refusal(action: () => unknown): BpfError {
  try {
    action();
  } catch (error) {
    if (error instanceof BpfError) return error;
    throw error;
  }
  throw new Error("was accepted");
}
