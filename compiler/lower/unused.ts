import { isLibrary } from "../frontend/source-graph.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import { FunctionContext, type ModuleContext } from "./context.ts";
import { parameterType } from "./function-call.ts";
import { declarationOf, lowerFunction, type ParameterShape } from "./functions.ts";

/**
 * Functions of the program's own files that no program calls are lowered for their mistakes alone: a file of functions for others is
 * checked like any other. What they give is dropped with everything that no program reaches.
 */
export function checkUnusedFunctions(module: ModuleContext): void {
  for (const file of module.input.program.getSourceFiles()) {
    if (isLibrary(file.fileName) || file.isDeclarationFile) continue;
    for (const symbol of functionsOf(module, file)) {
      const declaration = declarationOf(symbol);
      if (!declaration || module.uses.has(symbol) || (declaration.typeParameters?.length ?? 0) > 0) continue;
      const cx = new FunctionContext(module);
      const shapes = declaration.parameters.map((parameter) => usualShape(cx, parameter));
      const known = shapes.filter((shape) => shape !== undefined);
      if (known.length < shapes.length) continue;
      lowerFunction(cx, symbol, declaration, known, new Map(), declaration);
    }
  }
}

function functionsOf(module: ModuleContext, file: ts.SourceFile): ts.Symbol[] {
  const names = file.statements.flatMap((statement): readonly ts.Node[] => {
    if (ts.isFunctionDeclaration(statement)) return statement.name ? [statement.name] : [];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.map(({ name }) => name);
  });
  return names.flatMap((name) => module.checker.getSymbolAtLocation(name) ?? []);
}

/** A parameter as some caller would give it; a map cannot be made up. */
function usualShape(cx: FunctionContext, parameter: ts.ParameterDeclaration): ParameterShape | undefined {
  const type = parameterType(cx, parameter, new Map());
  switch (type?.kind) {
    case "value":
    case "optional": {
      const { type: target } = type;
      const optional = type.kind === "optional";
      if (target.kind === "int" || target.kind === "bool") {
        return { kind: optional ? "optional" : "scalar", type: target };
      }
      const flags = { nullable: optional, readonly: type.readonly };
      return { kind: "reference", type: ir.refTo(target, "map", flags), boxed: false };
    }
    case "box":
      return {
        kind: "reference",
        type: ir.refTo(type.type, "map", { nullable: type.nullable }),
        boxed: true,
      };
    case "context":
      return { kind: "context", name: type.name };
    default:
      return undefined;
  }
}
