import type { CType } from "./ast.ts";

/** A declaration of `name` (which may be empty, for a cast) with `type`, written from the name outwards as C has it. */
export function declarator(type: CType, name: string): string {
  switch (type.kind) {
    case "pointer": {
      const target = unqualified(type.target);
      const inner = target.kind === "array" || target.kind === "function" ? `(*${name})` : `*${name}`;
      return declarator(type.target, inner);
    }
    case "array":
      return declarator(type.element, `${name}[${type.length}]`);
    case "function": {
      const parameters = type.parameters.map((parameter) => declarator(parameter, ""));
      return declarator(type.result, `${name}(${parameters.length === 0 ? "void" : parameters.join(", ")})`);
    }
    case "qualified":
      // `const` of a pointer stands beside the name; of anything else before the type.
      if (type.type.kind === "pointer") return declarator(type.type, `${type.qualifiers} ${name}`);
      return `${type.qualifiers} ${declarator(type.type, name)}`;
    case "record": {
      const members = type.members.map((member) => `${declarator(member.type, member.name)};`);
      return join(`${type.keyword} { ${members.join(" ")} }`, name);
    }
    case "tag":
      return join(`${type.keyword} ${type.tag}`, name);
    case "name":
      return join(type.name, name);
  }
}

function unqualified(type: CType): CType {
  return type.kind === "qualified" ? type.type : type;
}

function join(base: string, name: string): string {
  return name === "" ? base : `${base} ${name}`;
}
