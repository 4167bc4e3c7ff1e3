import type { CExpression, CFunction } from "./c/ast.ts";
import { binary, cast, conditional, identifier, number, unary, variable } from "./c/build.ts";
import type { TypeEmitter } from "./types.ts";

/**
 * Division of magnitudes, then the sign: truncates toward zero; a zero divisor gives 0 (the remainder: the dividend); the smallest number
 * divided by -1 is itself, because its magnitude is its own two's complement.
 */
export function signedDivision(
  types: TypeEmitter,
  name: string,
  quotient: boolean,
  width: 32 | 64,
): CFunction {
  const signed = types.named(`i${width}`);
  const unsigned = types.unsigned(width);
  const left = identifier("left");
  const right = identifier("right");
  const magnitude = (operand: CExpression): CExpression =>
    conditional(
      binary("<", operand, number(0)),
      unary("-", cast(unsigned, operand)),
      cast(unsigned, operand),
    );
  const dividend = identifier("dividend");
  const divisor = identifier("divisor");
  const result = identifier("result");
  const divided = quotient
    ? conditional(divisor, binary("/", dividend, divisor), number(0))
    : conditional(divisor, binary("%", dividend, divisor), dividend);
  // The remainder has the dividend's sign.
  const negative = binary("<", quotient ? binary("^", left, right) : left, number(0));
  return {
    kind: "function",
    name,
    storage: "static",
    attributes: ["always_inline"],
    result: signed,
    parameters: [
      { name: "left", type: signed },
      { name: "right", type: signed },
    ],
    body: [
      variable("dividend", unsigned, magnitude(left)),
      variable("divisor", unsigned, magnitude(right)),
      variable("result", unsigned, divided),
      {
        kind: "return",
        value: cast(signed, conditional(negative, unary("-", result), result)),
      },
    ],
  };
}
