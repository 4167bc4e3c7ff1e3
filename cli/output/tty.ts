import picocolors from "picocolors";

export type Colours = ReturnType<typeof picocolors.createColors>;

/**
 * Colours for one stream: off where it is no terminal or NO_COLOR is set to anything but the empty string (no-color.org), on where
 * FORCE_COLOR asks for them.
 */
export function coloursFor(stream: { readonly isTTY?: boolean }, environment = process.env): Colours {
  return picocolors.createColors(wantsColour(stream, environment));
}

export function wantsColour(stream: { readonly isTTY?: boolean }, environment = process.env): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR !== undefined) return environment.FORCE_COLOR !== "0";
  return stream.isTTY === true && environment.TERM !== "dumb";
}
