import { sizeOf } from "../ir/build.ts";
import type { PacketAccess } from "../ir/expressions.ts";
import type { CExpression, CStatement } from "./c/ast.ts";
import { assign, binary, cast, identifier, ifStatement, number, variable, voidPointer } from "./c/build.ts";
import { loadPacketLimit } from "./contexts.ts";
import { evaluateAll } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";

/** `MAX_PACKET_OFF` of the verifier; the access itself counts. */
const maximumOffset = 0xffff;

/** The packet's bytes from an offset on, or null. The test stands next to the loads of the limits, and compares what is used. */
export function emitPacketAccess(f: FunctionEmitter, e: PacketAccess, hint: string | undefined): CExpression {
  const [context, offset] = evaluateAll(f, [e.context, e.offset]);
  if (context === undefined || offset === undefined) throw new Error("packet access without an offset");
  const size = sizeOf(e.type.target);
  const limit = maximumOffset - size;
  const type = f.unit.types.of(e.type);
  const name = f.name(hint ?? "packet");
  const result = identifier(name);
  f.push(variable(name, type, number(0), e.span));
  f.markStable(name);
  if (e.context.type.kind !== "context") throw new Error("packet of no context");
  const limits = f.unit.contexts.of(e.context.type.name).packet;
  if (limits === undefined) throw new Error(`${e.context.type.name} has no packet`);
  const fixed = e.offset.op === "constant" ? e.offset.value : undefined;
  if (limit < 0 || (fixed !== undefined && fixed > BigInt(limit))) return result;
  const body = f.scope(() => {
    const at = f.name("at");
    const find = (position: CExpression): CStatement[] => {
      const data = loadPacketLimit(f, e.context.type, context, limits.data, e.span);
      const end = loadPacketLimit(f, e.context.type, context, limits.end, e.span);
      const after = cast(voidPointer, binary("+", identifier(at), number(1)));
      return [
        variable(at, type, binary("+", data, position), e.span),
        ifStatement(binary("<=", after, end), [assign(result, identifier(at), e.span)], undefined, e.span),
      ];
    };
    if (fixed !== undefined) {
      f.push(...find(number(fixed)));
      return;
    }
    const position = f.name("offset");
    f.push(variable(position, f.unit.types.unsigned(64), offset, e.offset.span));
    f.opaque(position);
    f.push(
      ifStatement(
        binary("<=", identifier(position), number(limit)),
        find(identifier(position)),
        undefined,
        e.span,
      ),
    );
  });
  f.push({ kind: "block", body, span: e.span });
  return result;
}
