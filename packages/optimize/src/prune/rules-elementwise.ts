import { type AxisChannels, tieAxes, type ValueChannels } from './axis-channels.js';
import type { ChannelRule, RuleContext } from './channel-rule.js';

/** Every element by itself, in the place where it stood. */
const passThrough: ChannelRule = ({ node, channels }) => node.outputs.map(() => channels(0));

/** Elements of several inputs in the same place, after broadcasting: their channels go together. */
const broadcast: ChannelRule = (context) => [broadcastChannels(context, context.node.inputs.keys())];

/** The channels of inputs that are broadcast against each other, aligned at their last axes. */
export function broadcastChannels(context: RuleContext, inputs: Iterable<number>): ValueChannels {
  const { node, units, dims, channels } = context;
  const operands = [...inputs].filter((input) => node.inputs[input] !== '');
  const ranks = operands.map((input) => dims(input)?.length);
  if (ranks.includes(undefined)) {
    for (const input of operands)
      tieAxes(units, [undefined, ...channels(input)], `the shapes of ${node.opType} are not known`);
    return [];
  }
  const rank = Math.max(0, ...(ranks as number[]));
  return Array.from({ length: rank }, (_, axis): AxisChannels => {
    const aligned: AxisChannels[] = [];
    for (const [at, input] of operands.entries()) {
      const own = axis - rank + ranks[at]!;
      if (own >= 0 && dims(input)![own] !== 1) aligned.push(channels(input)[own]);
    }
    return aligned.length === 0 ? undefined : tieAxes(units, aligned, `${node.opType} ties it to what stays`);
  });
}

const unaryOperators =
  'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Cast CastLike Ceil Celu Clip Cos Cosh Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu';
const broadcastOperators =
  'Add And BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or PRelu Pow Sub Sum Where Xor';

export const elementwiseRules: Readonly<Record<string, ChannelRule>> = Object.fromEntries([
  ...unaryOperators.split(' ').map((operator) => [operator, passThrough]),
  ...broadcastOperators.split(' ').map((operator) => [operator, broadcast]),
]);
