import { describe, expect, test } from "vitest";
import type { CExpression, CStatement, CType } from "../../../compiler/emit/c/ast.ts";
import * as b from "../../../compiler/emit/c/build.ts";
import { printUnit } from "../../../compiler/emit/c/printer.ts";
import { declarator } from "../../../compiler/emit/c/types.ts";

const [x, y, z, p] = ["x", "y", "z", "p"].map(b.identifier) as [
  CExpression,
  CExpression,
  CExpression,
  CExpression,
];
const int = b.named("int");

function printed(...body: CStatement[]): string {
  const unit = {
    groups: [
      [{ kind: "function", name: "f", result: b.VOID, parameters: [], attributes: [], body } as const],
    ],
  };
  const lines = printUnit(unit).text.split("\n");
  return lines
    .slice(1, -2)
    .map((line) => line.slice(2))
    .join("\n");
}

const expression = (e: CExpression): string => printed(b.expressionStatement(e)).replace(/;$/, "");

describe("C printer", () => {
  test.each<[string, CExpression]>([
    ["(x + y) * z", b.binary("*", b.binary("+", x, y), z)],
    ["x + y * z", b.binary("+", x, b.binary("*", y, z))],
    ["x - (y - z)", b.binary("-", x, b.binary("-", y, z))],
    ["x - y - z", b.binary("-", b.binary("-", x, y), z)],
    ["(x & y) == z", b.binary("==", b.binary("&", x, y), z)],
    ["x & (y == z)", b.binary("&", x, b.binary("==", y, z))],
    ["(x << y) + z", b.binary("+", b.binary("<<", x, y), z)],
    ["(x && y) || z", b.binary("||", b.binary("&&", x, y), z)],
    ["- -x", b.unary("-", b.unary("-", x))],
    ["!!x", b.unary("!", b.unary("!", x))],
    ["-x - -y", b.binary("-", b.unary("-", x), b.unary("-", y))],
    ["p->a.b", b.member(b.member(b.dereference(p), "a"), "b")],
    ["(*p)[1]", b.index(b.dereference(p), b.number(1))],
    ["&p->a", b.addressOf(b.member(b.dereference(p), "a"))],
    ["p", b.addressOf(b.dereference(p))],
    ["(int)(x + y)", b.cast(int, b.binary("+", x, y))],
    ["(int)x + y", b.binary("+", b.cast(int, x), y)],
    ["(x ? y : z) + x", b.binary("+", b.conditional(x, y, z), x)],
    ["x ? y : z ? x : y", b.conditional(x, y, b.conditional(z, x, y))],
    ["(x ? y : z) ? x : y", b.conditional(b.conditional(x, y, z), x, y)],
    ["-5", b.number(-5)],
    ["f(x, y)", b.call("f", x, y)],
    ["__builtin_offsetof(struct s, a[2].b)", { kind: "offsetof", type: b.struct("s"), path: ["a", 2, "b"] }],
    [
      "(struct s){ .a = { 1, 2 }, .b = {} }",
      {
        kind: "compound",
        type: b.struct("s"),
        initializer: {
          kind: "list",
          items: [
            { field: "a", value: { kind: "list", items: [{ value: b.number(1) }, { value: b.number(2) }] } },
            { field: "b", value: b.emptyList },
          ],
        },
      },
    ],
  ])("%s", (text, tree) => {
    expect(expression(tree)).toBe(text);
  });

  test.each<[string, CType]>([
    ["int x", int],
    ["int *x", b.pointer(int)],
    ["const int *x", b.pointer(b.constant(int))],
    ["int x[2][3]", b.array(b.array(int, 3), 2)],
    ["int (*x)[4]", b.pointer(b.array(int, 4))],
    ["int *x[4]", b.array(b.pointer(int), 4)],
    ["void *volatile *x", b.pointer(b.volatile(b.voidPointer))],
    ["const volatile struct s x", b.constVolatile(b.struct("s"))],
    [
      "void *(*const x)(void *, const void *)",
      {
        kind: "qualified",
        qualifiers: "const",
        type: b.pointer({
          kind: "function",
          result: b.voidPointer,
          parameters: [b.voidPointer, b.pointer(b.constant(b.VOID))],
        }),
      },
    ],
    ["int (*x)(void)", b.pointer({ kind: "function", result: int, parameters: [] })],
  ])("declares %s", (text, type) => {
    expect(declarator(type, "x")).toBe(text);
  });

  test("escapes what a literal cannot hold", () => {
    expect(expression({ kind: "string", value: 'a"\\\n\u00e91' })).toBe('"a\\"\\\\\\012\\303\\2511"');
  });

  test("chains else if, and gives each case a block", () => {
    const one = [b.assign(x, b.number(1))];
    const two = [b.assign(x, b.number(2))];
    const chain = b.ifStatement(x, one, [b.ifStatement(y, two, one)]);
    expect(printed(chain)).toBe("if (x) {\n  x = 1;\n} else if (y) {\n  x = 2;\n} else {\n  x = 1;\n}");
    const choice: CStatement = {
      kind: "switch",
      subject: x,
      cases: [
        { values: [b.number(1), b.number(2)], isDefault: false, body: one },
        { values: [], isDefault: true, body: [{ kind: "break" }] },
      ],
    };
    expect(printed(choice)).toBe(
      "switch (x) {\n  case 1:\n  case 2: {\n    x = 1;\n  }\n  default: {\n    break;\n  }\n}",
    );
  });

  test("keeps lines short enough for the columns of debug information", () => {
    const sum = Array.from({ length: 400 }, () => x).reduce((left, right) => b.binary("+", left, right));
    const longest = Math.max(
      ...printed(b.assign(y, sum))
        .split("\n")
        .map((line) => line.length),
    );
    expect(longest).toBeLessThan(140);
  });
});
