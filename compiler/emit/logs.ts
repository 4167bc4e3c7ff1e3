import type { IrExpression } from "../ir/expressions.ts";
import type { Log } from "../ir/statements.ts";
import type { CExpression, CStatement } from "./c/ast.ts";
import {
  addressOf,
  assign,
  call,
  cast,
  dereference,
  expressionStatement,
  identifier,
  ifStatement,
  index,
  member,
  number,
  pointer,
  sizeofType,
  VOID,
  variable,
  voidPointer,
} from "./c/build.ts";
import { evaluateAll } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";

/** Writes a record to the log's ring buffer: site, CPU, time, and a slot of eight bytes for each argument. */
export function emitLog(f: FunctionEmitter, s: Log): void {
  const values = evaluateAll(f, s.arguments);
  const u64 = f.unit.types.unsigned(64);
  const type = f.unit.logRecord(values.length);
  const record = f.name("record");
  const held = dereference(identifier(record));
  const helpers = {
    reserve: f.unit.helper("ringbuf_reserve", { result: voidPointer, parameters: [voidPointer, u64, u64] }),
    submit: f.unit.helper("ringbuf_submit", { result: VOID, parameters: [voidPointer, u64] }),
    cpu: f.unit.helper("get_smp_processor_id", { result: u64, parameters: [] }),
    time: f.unit.helper("ktime_get_ns", { result: u64, parameters: [] }),
  };
  const slots = values.map((value, position): CStatement => {
    const argument = s.arguments[position];
    const slot = index(member(held, "arguments"), number(position));
    return assign(slot, argument === undefined ? value : extended(f, argument, value), s.span);
  });
  const written = [
    assign(member(held, "site"), number(s.site.id), s.span),
    assign(member(held, "cpu"), call(helpers.cpu), s.span),
    assign(member(held, "time"), call(helpers.time), s.span),
    ...slots,
    expressionStatement(call(helpers.submit, identifier(record), number(0)), s.span),
  ];
  const lost = expressionStatement(
    call("__sync_fetch_and_add", addressOf(identifier(f.unit.logLost())), number(1)),
    s.span,
  );
  const reserve = call(helpers.reserve, addressOf(identifier(f.unit.logMap())), sizeofType(type), number(0));
  f.push({
    kind: "block",
    body: [
      variable(record, pointer(type), reserve, s.span),
      ifStatement(identifier(record), written, [lost], s.span),
    ],
    span: s.span,
  });
  f.untake(record);
}

/** To 64 bits, by the sign of the argument's type. */
function extended(f: FunctionEmitter, argument: IrExpression, value: CExpression): CExpression {
  const type = argument.type;
  if (type.kind === "int" && type.signed && type.bits < 64) return cast(f.unit.types.named("i64"), value);
  return value;
}
