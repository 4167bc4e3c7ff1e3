import type { Call, HelperCall, MapReference } from "../ir/expressions.ts";
import { arrayResultMember } from "./array-results.ts";
import type { CExpression, CStatement, CType } from "./c/ast.ts";
import {
  addressOf,
  call,
  cast,
  identifier,
  member,
  pointer,
  VOID,
  variable,
  voidPointer,
} from "./c/build.ts";
import { evaluateAll, pointerTo } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";

export function emitCall(f: FunctionEmitter, e: Call): CExpression {
  const value = call(f.unit.functionName(e.function), ...evaluateAll(f, e.arguments));
  if (e.type.kind !== "array") return value;
  const name = f.name(`${e.function.name}_result`);
  f.push(variable(name, f.unit.resultType(e.type), value, e.span));
  f.markStable(name);
  return member(identifier(name), arrayResultMember);
}

export function emitMapReference(f: FunctionEmitter, e: MapReference): CExpression {
  return addressOf(identifier(f.unit.mapName(e.map)));
}

/** A call with the temporaries that its arguments point to, in a block of their own, so that their room on the stack is free again after it. */
export function callWith(statements: readonly CStatement[], value: CExpression): CExpression {
  return statements.length === 0 ? value : { kind: "statements", body: statements, value };
}

/** Helpers take and return registers: pointers, and 64-bit numbers that narrower arguments are extended to by their sign. */
export function emitHelper(f: FunctionEmitter, e: HelperCall): CExpression {
  const values = evaluateAll(
    f,
    e.arguments.map((argument) => argument.value),
  );
  const statements: CStatement[] = [];
  const parameters: CType[] = [];
  const scoped = f.scoped(() =>
    values.map((value, position) => {
      const argument = e.arguments[position];
      if (argument === undefined) throw new Error("argument is missing");
      if (argument.pass === "value") {
        parameters.push(isScalar(argument.value.type.kind) ? f.unit.types.unsigned(64) : voidPointer);
        return value;
      }
      parameters.push(voidPointer);
      const passed = pointerTo(f, argument.value, value, "argument");
      statements.push(...passed.statements);
      return passed.pointer;
    }),
  );
  const result =
    e.type.kind === "ref" ? voidPointer : e.type.kind === "void" ? VOID : f.unit.types.unsigned(64);
  const helper = f.unit.helper(e.helper, { result, parameters });
  const value = callWith(statements, call(helper, ...scoped.result));
  if (e.type.kind === "ref") return cast(f.unit.types.of(e.type), value);
  if (e.type.kind === "int" && e.type.bits === 64 && !e.type.signed) return value;
  return e.type.kind === "int" ? cast(f.unit.types.plain(e.type), value) : value;
}

function isScalar(kind: string): boolean {
  return kind === "int" || kind === "bool";
}

export const constVoidPointer: CType = pointer({ kind: "qualified", qualifiers: "const", type: VOID });
