import {
  noMeaningInKernel,
  noSuchBuiltin,
  noSuchField,
  noSuchMember,
} from "../../diagnostics/kernel-world.ts";
import { contextReadOnly, notInContext, replyToWrongOperation } from "../../diagnostics/program-shape.ts";
import { isLibrary } from "../source-graph.ts";
import { ts } from "../typescript.ts";
import { foreignGlobals } from "./globals.ts";
import { printType } from "./nodes.ts";
import { contextTypes, enclosingProgram, kindsOfContext } from "./programs.ts";
import type { Mistake, Translated } from "./translation.ts";

/** TS2339 and TS2551: a member that the object does not have. */
export function translateUnknownMember(mistake: Mistake): Translated | undefined {
  const { node, span, program, checker, error } = mistake;
  if (!ts.isIdentifier(node) || !ts.isPropertyAccessExpression(node.parent)) return undefined;
  const object = node.parent.expression;
  const member = node.text;
  const type = checker.getTypeAtLocation(object);
  const suggestion = suggestionIn(error);

  const builtin = builtinName(type, checker);
  if (builtin === "console") {
    const has = listMembers(type).map((name) => `\`console.${name}\``);
    return { diagnostic: noSuchBuiltin(span, member, "`console`", `there are ${has.join(", ")}`) };
  }
  if (builtin !== undefined) return { diagnostic: noSuchBuiltin(span, member, builtin, instead(builtin)) };

  const contexts = contextTypes(program);
  const kinds = kindsOfContext(type, contexts);
  const [firstKind] = kinds;
  if (firstKind !== undefined) {
    const having = partsOf(contexts.get(firstKind) ?? type).filter((part) => part.getProperty(member));
    if (having.length > 0) {
      return {
        diagnostic: replyToWrongOperation(
          span,
          member,
          having.flatMap((part) => operations(part, checker)),
        ),
      };
    }
    const kind = enclosingProgram(node, checker)?.kind ?? firstKind;
    const elsewhere = [...contexts].filter(([, one]) =>
      partsOf(one).some((part) => part.getProperty(member)),
    );
    return {
      diagnostic: notInContext(
        span,
        member,
        kind,
        suggestion,
        elsewhere.map(([name]) => name),
      ),
    };
  }
  const declaration = (type.symbol ?? type.aliasSymbol)?.declarations?.[0];
  if (declaration !== undefined && isLibrary(declaration.getSourceFile().fileName)) {
    const name = printType(type, checker).replace(/^typeof /, "");
    return { diagnostic: noSuchMember(span, member, name, suggestion, listMembers(type)) };
  }
  if (
    declaration !== undefined &&
    (ts.isInterfaceDeclaration(declaration) || ts.isTypeLiteralNode(declaration))
  ) {
    return { diagnostic: noSuchField(span, member, printType(type, checker), suggestion, listMembers(type)) };
  }
  return undefined;
}

/** TS2540: an assignment to a read-only field. */
export function translateReadOnly({ node, span, program, checker }: Mistake): Translated | undefined {
  if (!ts.isIdentifier(node) || !ts.isPropertyAccessExpression(node.parent)) return undefined;
  const type = checker.getTypeAtLocation(node.parent.expression);
  const [first] = kindsOfContext(type, contextTypes(program));
  if (first === undefined) return undefined;
  const kind = enclosingProgram(node, checker)?.kind ?? first;
  return { diagnostic: contextReadOnly(span, node.text, kind) };
}

/** TS2693 and TS2585: `Array.from`, where only the type exists. */
export function translateTypeAsValue({ node, span }: Mistake): Translated | undefined {
  if (!ts.isIdentifier(node)) return undefined;
  const instead = foreignGlobals.get(node.text);
  if (instead === undefined) return undefined;
  return {
    diagnostic: noMeaningInKernel(span, node.text, instead === "" ? undefined : instead),
    root: `name ${node.text}`,
  };
}

export function suggestionIn(error: ts.Diagnostic): string | undefined {
  return /Did you mean '([^']+)'/.exec(ts.flattenDiagnosticMessageText(error.messageText, " "))?.[1];
}

function builtinName(type: ts.Type, checker: ts.TypeChecker): string | undefined {
  if (type.symbol?.name === "Console") return "console";
  if (checker.isArrayType(type) || checker.isTupleType(type) || type.aliasSymbol?.name === "FixedArray")
    return "arrays";
  if ((type.flags & ts.TypeFlags.StringLike) !== 0) return "strings";
  const apparent = checker.getApparentType(type).symbol?.name;
  if (apparent === "Function" || type.getCallSignatures().length > 0) return "functions";
  const scalar = type.isIntersection() ? type.types[0] : type;
  const number = ts.TypeFlags.NumberLike | ts.TypeFlags.BigIntLike | ts.TypeFlags.BooleanLike;
  return scalar !== undefined && (scalar.flags & number) !== 0 ? "numbers" : undefined;
}

function instead(builtin: string): string {
  switch (builtin) {
    case "arrays":
      return "write the loop: `for (const item of array)`, or by index with `range(array.length)`";
    case "strings":
      return "text is compared with `===` and logged; taking it apart is for user space";
    case "functions":
      return "call it by its name";
    default:
      return "operators and the functions of `tsbpf/stdlib` are all there is for numbers";
  }
}

function partsOf(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type];
}

/** The enum constants of a part's tag: `SockOp.StateCb`. */
function operations(part: ts.Type, checker: ts.TypeChecker): string[] {
  const op = part.getProperty("op");
  if (op === undefined) return [];
  return partsOf(checker.getTypeOfSymbol(op)).map((type) => printType(type, checker));
}

function listMembers(type: ts.Type): string[] {
  return type
    .getProperties()
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("__@"));
}
