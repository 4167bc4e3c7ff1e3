import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import { ts } from "./typescript.ts";

/** Codes of lowering that say only that something else is wrong. */
const consequences: ReadonlySet<string> = new Set(["TSB1199", "TSB1511"]);

/**
 * Of what lowering found in a program with wrong types, what does not follow from them: it stands in a declaration of which the front end
 * had nothing to say, and which names none that it complained about.
 */
export function withoutConsequences(
  complaints: readonly Span[],
  later: readonly Diagnostic[],
  program: ts.Program,
): readonly Diagnostic[] {
  if (complaints.length === 0) return later;
  const wrong = new Set(complaints.map((span) => declarationAt(span, program)));
  const sound = new Map<ts.Statement | undefined, boolean>();
  const isSound = (declaration: ts.Statement | undefined): boolean => {
    const known = sound.get(declaration) ?? !dependsOn(declaration, wrong, program);
    sound.set(declaration, known);
    return known;
  };
  return later.filter(({ code, span }) => !consequences.has(code) && isSound(declarationAt(span, program)));
}

/** The statement of the module around a place. */
function declarationAt(span: Span | undefined, program: ts.Program): ts.Statement | undefined {
  if (span === undefined) return undefined;
  const statements = program.getSourceFile(span.file)?.statements;
  return statements?.find(({ pos, end }) => pos <= span.start && span.start < end);
}

function dependsOn(
  declaration: ts.Statement | undefined,
  wrong: ReadonlySet<ts.Statement | undefined>,
  program: ts.Program,
): boolean {
  if (declaration === undefined || wrong.has(declaration)) return wrong.has(declaration);
  const checker = program.getTypeChecker();
  const visit = (node: ts.Node): boolean => {
    if (ts.isIdentifier(node) && isDeclaredIn(checker.getSymbolAtLocation(node), wrong, checker)) return true;
    return ts.forEachChild(node, (child) => (visit(child) ? true : undefined)) ?? false;
  };
  return visit(declaration);
}

function isDeclaredIn(
  symbol: ts.Symbol | undefined,
  statements: ReadonlySet<ts.Statement | undefined>,
  checker: ts.TypeChecker,
): boolean {
  if (symbol === undefined) return false;
  const target = (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
  // The imported name itself may be what is wrong.
  return [...(symbol.declarations ?? []), ...(target.declarations ?? [])].some((node) => {
    const statement = ts.findAncestor(node, (one) => one.parent !== undefined && ts.isSourceFile(one.parent));
    return statement !== undefined && statements.has(statement as ts.Statement);
  });
}
