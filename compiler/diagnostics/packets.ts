import { define } from "./define.ts";
import type { Span } from "./diagnostic.ts";

export const packetMoved = define(
  "TSB1701",
  "reference into a packet that may have moved",
  (name: string, by: string, span: Span) => ({
    message: `\`${name}\` may point to where the packet was before`,
    labels: [{ span, message: `\`${by}\` may move the packet` }],
    help: "get the reference again after the call, and test it again",
  }),
);
