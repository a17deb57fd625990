import { elementTypeName } from '../../element-types.js';
import { broadcast, frontAxis } from './dimensions.js';
import type { ShapeContext, ShapeRule } from './shape-rule.js';

/** One output of the shape of the first input. */
export const sameShape: ShapeRule = (context) => [{ dims: context.dims(0) }];

/** One output of the shape that all inputs broadcast to. */
export const broadcastShape: ShapeRule = (context) => {
  // Before opset 7 the second operand was laid along an axis of the first instead.
  if (context.opset < 7 && context.attributes.has('broadcast')) return sameShape(context);
  return [
    {
      dims: broadcast(
        context,
        Array.from({ length: context.inputCount }, (_, index) => context.dims(index)),
      ),
    },
  ];
};

/** As {@link sameShape}, after checking that `axis` is one. */
const alongAxis =
  (fallback: number): ShapeRule =>
  (context) => {
    const dims = context.dims(0);
    if (dims !== undefined && dims.length > 0 && context.opset >= 11)
      frontAxis(context, context.attributes.int('axis', fallback), dims.length);
    return [{ dims }];
  };

export const Abs = sameShape;
export const Acos = sameShape;
export const Acosh = sameShape;
export const Asin = sameShape;
export const Asinh = sameShape;
export const Atan = sameShape;
export const Atanh = sameShape;
export const BitwiseNot = sameShape;
export const Ceil = sameShape;
export const Celu = sameShape;
export const Clip = sameShape;
export const Cos = sameShape;
export const Cosh = sameShape;
export const CumProd = sameShape;
export const CumSum = sameShape;
export const Elu = sameShape;
export const Erf = sameShape;
export const Exp = sameShape;
export const Floor = sameShape;
export const Gelu = sameShape;
export const HardSigmoid = sameShape;
export const HardSwish = sameShape;
export const Hardmax: ShapeRule = (context) => alongAxis(context.opset < 13 ? 1 : -1)(context);
export const IsInf = sameShape;
export const IsNaN = sameShape;
export const LeakyRelu = sameShape;
export const Log = sameShape;
export const LogSoftmax: ShapeRule = (context) => alongAxis(context.opset < 13 ? 1 : -1)(context);
export const Mish = sameShape;
export const Neg = sameShape;
export const Not = sameShape;
export const PRelu = sameShape;
export const Reciprocal = sameShape;
export const Relu = sameShape;
export const Round = sameShape;
export const Selu = sameShape;
export const Shrink = sameShape;
export const Sigmoid = sameShape;
export const Sign = sameShape;
export const Sin = sameShape;
export const Sinh = sameShape;
export const Softmax: ShapeRule = (context) => alongAxis(context.opset < 13 ? 1 : -1)(context);
export const Softplus = sameShape;
export const Softsign = sameShape;
export const Sqrt = sameShape;
export const Swish = sameShape;
export const Tan = sameShape;
export const Tanh = sameShape;
export const ThresholdedRelu = sameShape;

export const Add = broadcastShape;
export const And = broadcastShape;
export const BitShift = broadcastShape;
export const BitwiseAnd = broadcastShape;
export const BitwiseOr = broadcastShape;
export const BitwiseXor = broadcastShape;
export const Div = broadcastShape;
export const Equal = broadcastShape;
export const Greater = broadcastShape;
export const GreaterOrEqual = broadcastShape;
export const Less = broadcastShape;
export const LessOrEqual = broadcastShape;
export const Max = broadcastShape;
export const Mean = broadcastShape;
export const Min = broadcastShape;
export const Mod = broadcastShape;
export const Mul = broadcastShape;
export const Or = broadcastShape;
export const Pow = broadcastShape;
export const Sub = broadcastShape;
export const Sum = broadcastShape;
export const SwiGLU = broadcastShape;
export const Where = broadcastShape;
export const Xor = broadcastShape;

/** The element type that an int attribute names, such as `to` of Cast. */
export function namedType(context: ShapeContext, attribute: string) {
  const number = context.attributes.int(attribute, undefined);
  if (number === 0) context.refuse(`an element type for attribute ${attribute} but received 0 (undefined)`);
  if (number !== undefined && number < 0)
    context.refuse(`an element type for attribute ${attribute} but received ${number}`);
  return number === undefined ? undefined : elementTypeName(number);
}

export const Cast: ShapeRule = (context) => [
  {
    dims: context.dims(0),
    elementType: context.attributes.has('to') && context.opset >= 6 ? namedType(context, 'to') : undefined,
  },
];
export const BitCast: ShapeRule = (context) => [{ dims: context.dims(0), elementType: namedType(context, 'to') }];
export const CastLike: ShapeRule = (context) => [{ dims: context.dims(0), elementType: context.elementType(1) }];

export const Identity: ShapeRule = (context) => [{ type: context.type(0) }];
