import * as C from "../../diagnostics/constructs.ts";
import type { ts } from "../../frontend/typescript.ts";
import * as ir from "../../ir/build.ts";
import { programKinds } from "../../kernel/programs.ts";
import type { FunctionContext } from "../context.ts";
import { failed, type SourceType, type Value } from "../value.ts";
import { lowerAtomic } from "./atomics.ts";
import { lowerLog } from "./console.ts";
import { lowerByteSwap, lowerConversion, lowerIp4, lowerIp6 } from "./conversions.ts";
import { lowerClamp, lowerExtreme } from "./extremes.ts";
import { lowerStruct, lowerZero } from "./objects.ts";

type LowerBuiltin = (cx: FunctionContext, node: ts.CallExpression, expected: SourceType | undefined) => Value;

/** Functions of the standard library that are no kernel helpers, by their qualified names. */
export const builtins: ReadonlyMap<string, LowerBuiltin> = new Map<string, LowerBuiltin>([
  ...[ir.u8, ir.u16, ir.u32, ir.u64, ir.i8, ir.i16, ir.i32, ir.i64].map((type): [string, LowerBuiltin] => [
    ir.typeName(type),
    (cx, node) => lowerConversion(cx, type, node),
  ]),
  ["htons", (cx, node) => lowerByteSwap(cx, ir.u16, ir.be16, node)],
  ["htonl", (cx, node) => lowerByteSwap(cx, ir.u32, ir.be32, node)],
  ["htonll", (cx, node) => lowerByteSwap(cx, ir.u64, ir.be64, node)],
  ["ntohs", (cx, node) => lowerByteSwap(cx, ir.be16, ir.u16, node)],
  ["ntohl", (cx, node) => lowerByteSwap(cx, ir.be32, ir.u32, node)],
  ["ntohll", (cx, node) => lowerByteSwap(cx, ir.be64, ir.u64, node)],
  ["ip4", lowerIp4],
  ["ip6", lowerIp6],
  ["min", (cx, node) => lowerExtreme(cx, "min", node)],
  ["max", (cx, node) => lowerExtreme(cx, "max", node)],
  ["clamp", lowerClamp],
  ["zero", lowerZero],
  ["struct", lowerStruct],
  ["atomics.add", (cx, node) => lowerAtomic(cx, "add", node)],
  ["atomics.and", (cx, node) => lowerAtomic(cx, "and", node)],
  ["atomics.or", (cx, node) => lowerAtomic(cx, "or", node)],
  ["atomics.xor", (cx, node) => lowerAtomic(cx, "xor", node)],
  ["atomics.exchange", (cx, node) => lowerAtomic(cx, "exchange", node)],
  ["atomics.compareExchange", (cx, node) => lowerAtomic(cx, "compareExchange", node)],
  ["console.log", (cx, node) => lowerLog(cx, "info", node)],
  ["console.info", (cx, node) => lowerLog(cx, "info", node)],
  ["console.debug", (cx, node) => lowerLog(cx, "debug", node)],
  ["console.warn", (cx, node) => lowerLog(cx, "warn", node)],
  ["console.error", (cx, node) => lowerLog(cx, "error", node)],
  ["range", (cx, node) => misplaced(cx, node, "range", "write `for (const i of range(n, { max })) …`")],
  [
    "constant",
    (cx, node) =>
      misplaced(cx, node, "constant", "write `export const name = constant<T>(…)` at module level"),
  ],
  ...Object.keys(programKinds).map((kind): [string, LowerBuiltin] => [
    kind,
    (cx, node) => misplaced(cx, node, kind, `write \`export const name = ${kind}(…)\` at module level`),
  ]),
]);

function misplaced(cx: FunctionContext, node: ts.CallExpression, name: string, help: string): Value {
  cx.report(C.misplaced(cx.span(node), name, help));
  return failed;
}
