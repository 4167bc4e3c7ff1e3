import { hostOrder, mixedWidths, networkOrder } from "../../diagnostics/conversions.ts";
import { unsignedShift } from "../../diagnostics/integers.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import { printType } from "./nodes.ts";
import { scalarOf } from "./scalars.ts";
import type { Mistake, Translated } from "./translation.ts";

/** TS2365, TS2367 and TS2447: an operator between types that do not go together. */
export function translateOperands({ node, checker }: Mistake): Translated | undefined {
  const operation = ts.isBinaryExpression(node) ? node : node.parent;
  if (!ts.isBinaryExpression(operation)) return undefined;
  const { left, right } = operation;
  const leftType = checker.getTypeAtLocation(left);
  const rightType = checker.getTypeAtLocation(right);
  const a = scalarOf(leftType, checker);
  const b = scalarOf(rightType, checker);
  if (a === undefined || b === undefined) return undefined;
  const span = spanOf(operation);
  const { kind } = operation.operatorToken;
  if (kind === ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken && a.long && b.long) {
    return { diagnostic: unsignedShift(span, a.name, left.getText()) };
  }
  if (a.long !== b.long) {
    const [longType, shortType] = a.long ? [leftType, rightType] : [rightType, leftType];
    const short = a.long ? right : left;
    const target = (a.long ? a : b).name === "i64" ? "i64" : "u64";
    return {
      diagnostic: mixedWidths(span, printType(longType, checker), printType(shortType, checker), {
        of: short.getText(),
        to: target,
      }),
    };
  }
  if (a.bigEndian !== b.bigEndian) {
    const [network, host, hostNode] = a.bigEndian ? [a, b, right] : [b, a, left];
    // A literal is easiest to convert; a variable may as well be what the other side is compared in.
    if (host.bits === undefined) {
      return { diagnostic: hostOrder(spanOf(hostNode), host.name, network.name, hostNode.getText()) };
    }
    const networkNode = a.bigEndian ? left : right;
    return { diagnostic: networkOrder(spanOf(networkNode), network.name, host.name, networkNode.getText()) };
  }
  return undefined;
}
