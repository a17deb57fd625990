import { isPerceptError, PerceptError, type Tensor, tensor } from '@percept/core';
import type { Model, Node } from '@percept/onnx';
import { convertOpset, inferTypes, type ValueTypes } from '@percept/onnx/graph';
import { intAttribute } from '../graph/channel-layout.js';
import { foldBatchNorm } from '../graph/fold-batch-norm.js';
import { constant, FreshNames, floatConstant, requiredInputs } from '../graph/graph-values.js';
import { isStandard } from '../graph/simplify.js';

/** The oldest operator set with scales per channel. */
const oldestOpset = 13;

/**
 * The float model that is calibrated and then quantized: of operator set 13 or newer (raised where need be),
 * BatchNormalization folded, and operators written in the forms for which runtimes have integer kernels. Computes the
 * same as the one given, which is not changed.
 *
 * @throws PerceptError `OPTIMIZE_UNSUPPORTED_MODEL` when no input is float32, or the operator set is old and cannot be
 *   raised; `OPTIMIZE_ALREADY_QUANTIZED`
 */
export function prepareModel(model: Model): Model {
  checkModel(model);
  const { model: prepared } = foldBatchNorm(raised(model));
  const types = typesOf(prepared);
  const names = new FreshNames(prepared.graph);
  // The division inside a GELU is what runtimes know it by.
  const readByErf = new Set(prepared.graph.nodes.flatMap((node) => (node.opType === 'Erf' ? node.inputs : [])));
  prepared.graph.nodes = prepared.graph.nodes.flatMap((node) => {
    const [from, to] = readByErf.has(node.outputs[0]!) ? (['Mul', 'Div'] as const) : (['Div', 'Mul'] as const);
    if (isStandard(node, from)) return [byReciprocal(node, to, prepared, names)];
    if (isStandard(node, 'ReduceMean')) return spatialMean(node, prepared, types, names);
    return [node];
  });
  return prepared;
}

/** Types of the values of a model, as far as they can be found out. */
export function typesOf(model: Model): ValueTypes {
  try {
    return inferTypes(model).values;
  } catch (error) {
    if (isPerceptError(error)) return new Map();
    throw error;
  }
}

function checkModel(model: Model): void {
  const quantized = model.graph.nodes.find((node) => /^(Dynamic)?QuantizeLinear$|^QLinear/.test(node.opType));
  if (quantized !== undefined) {
    throw new PerceptError(
      'OPTIMIZE_ALREADY_QUANTIZED',
      `Expected a float model but received one with ${quantized.opType}. Quantize the float model that it was made from`,
    );
  }
  const inputs = requiredInputs(model.graph);
  if (!inputs.some((input) => input.type === 'float32')) {
    const received = inputs.map((input) => `${input.name} (${input.type ?? 'no tensor'})`).join(', ') || 'none';
    throw new PerceptError(
      'OPTIMIZE_UNSUPPORTED_MODEL',
      `Expected a float32 input for a model to quantize but received ${received}`,
    );
  }
}

function raised(model: Model): Model {
  const opset = model.opsets[''] ?? 0;
  if (opset >= oldestOpset) return model;
  try {
    return convertOpset(model, oldestOpset);
  } catch (cause) {
    throw new PerceptError(
      'OPTIMIZE_UNSUPPORTED_MODEL',
      `Expected opset ${oldestOpset} or newer, the first with scales per channel, or one that can be raised to it, but received ${opset}: ${(cause as Error).message}. Export the model anew with opset ${oldestOpset} or newer`,
      { cause },
    );
  }
}

/** Division by a constant as multiplication (there is an integer kernel for Mul and none for Div), or the other way. */
function byReciprocal(node: Node, opType: 'Mul' | 'Div', { graph }: Model, names: FreshNames): Node {
  const operand = floatConstant(graph, node.inputs[1]);
  if (operand === undefined || constant(graph, node.inputs[0]) !== undefined) return node;
  const reciprocals = operand.data.map((value) => 1 / value);
  if (!reciprocals.every(Number.isFinite)) return node;
  const name = names.take(`${node.inputs[1]}_reciprocal`);
  graph.initializers.set(name, tensor('float32', operand.dims, reciprocals));
  return { ...node, opType, inputs: [node.inputs[0]!, name] };
}

/** A mean over height and width as GlobalAveragePool, which has an integer kernel. */
function spatialMean(node: Node, { graph }: Model, types: ValueTypes, names: FreshNames): Node[] {
  const type = types.get(node.inputs[0]!);
  if (type?.kind !== 'tensor' || type.elementType !== 'float32' || type.dims?.length !== 4) return [node];
  const axes = axesOf(node, constant(graph, node.inputs[1]))?.map((axis) => (axis < 0 ? axis + 4 : axis));
  if (axes?.sort().join() !== '2,3') return [node];
  const pool = { ...node, opType: 'GlobalAveragePool', inputs: [node.inputs[0]!], attributes: {} };
  if (intAttribute(node, 'keepdims', 1) === 1) return [pool];
  pool.outputs = [names.take(`${node.outputs[0]}_pooled`)];
  const attributes: Node['attributes'] = { axis: { type: 'int', value: 1 } };
  const name = names.take(`${node.name || node.outputs[0]}_flatten`);
  return [pool, { ...node, name, opType: 'Flatten', inputs: pool.outputs, attributes }];
}

function axesOf(node: Node, input: Tensor | undefined): number[] | undefined {
  if (node.attributes.axes?.type === 'ints') return [...node.attributes.axes.value];
  return input?.type === 'int64' ? Array.from(input.data as BigInt64Array, Number) : undefined;
}
