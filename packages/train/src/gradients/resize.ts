// Resizing is linear and works axis by axis: Y = A X along an axis, so dX = A^T dY. The reference interpreter gives A, which
// holds for every mode and every way of counting coordinates.
import { elementCount, type Tensor, tensor } from '@percept/core';
import { evaluateNode, numbers } from '@percept/onnx/backends/interpreter';
import { attributes } from '@percept/onnx/graph';
import { unsupported } from '../unsupported.js';
import { axisFromFront } from './axes.js';
import type { Gradient, GradientContext } from './gradient.js';

/** dX = A^T dY along every axis that is resized: nearest, linear and cubic, with or without antialias. */
export const Resize: Gradient = (context) => {
  const { g, node, inputDims, outputDims } = context;
  const coordinates = attributes(node).string('coordinate_transformation_mode', 'half_pixel');
  if (coordinates === 'tf_crop_and_resize') throw unsupported(node, 'resizing of the whole input', coordinates);
  const policy = attributes(node).string('keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch') throw unsupported(node, 'keep_aspect_ratio_policy stretch', policy);
  const dims = inputDims[0]!;
  const rank = dims.length;
  let value = context.dY;
  for (const [axis, size] of dims.entries()) {
    const scale = scaleOf(context, axis);
    if (outputDims[axis] === size && (scale === undefined || scale === 1)) continue;
    const matrix = g.constant(tensor('float32', [outputDims[axis]!, size], along(context, axis, scale)), 'resize');
    // The axis goes to the end, where a matrix product reaches it.
    const swap = [...dims.keys()].map((at) => (at === axis ? rank - 1 : at === rank - 1 ? axis : at));
    const last = axis === rank - 1;
    const product = g.node('MatMul', [last ? value : g.transpose(value, swap), matrix]);
    value = last ? product : g.transpose(product, swap);
  }
  return [value];
};

/** The scale of an axis, where scales are given rather than sizes. */
function scaleOf(context: GradientContext, axis: number): number | undefined {
  if ((context.inputs[2] ?? '') === '') return undefined;
  const scales = context.constant(2);
  if (scales === undefined) throw unsupported(context.node, 'constant scales', 'computed ones');
  if (scales.data.length === 0) return undefined;
  const axes = context.node.attributes.axes;
  const rank = context.inputDims[0]!.length;
  const at = axes?.type === 'ints' ? axes.value.map((item) => axisFromFront(item, rank)).indexOf(axis) : axis;
  return at < 0 ? 1 : Number(scales.data[at]);
}

/** The matrix `[output, input]` of an axis: what becomes of the unit vectors. */
function along({ g, node, inputDims, outputDims }: GradientContext, axis: number, scale: number | undefined): number[] {
  const size = inputDims[0]![axis]!;
  const units = new Float32Array(size * size);
  for (let at = 0; at < size; at++) units[at * size + at] = 1;
  const { axes: _, ...attributes } = node.attributes;
  const single = { ...node, attributes, inputs: ['x', '', 'scales', 'sizes'], outputs: ['y'] };
  const scales: Tensor | undefined = scale === undefined ? undefined : tensor('float32', [2], [scale, 1]);
  const sizes = scale === undefined ? tensor('int64', [2], [outputDims[axis]!, size].map(BigInt)) : undefined;
  if (scales === undefined) single.inputs[2] = '';
  if (sizes === undefined) single.inputs.length = 3;
  const inputs = [tensor('float32', [size, size], units), undefined, scales, sizes];
  const [result] = evaluateNode(single, inputs, { opsets: { '': Math.max(g.opset, 13) } });
  if (result?.kind !== 'tensor' || elementCount(result.dims) !== outputDims[axis]! * size) {
    throw unsupported(node, 'sizes that follow from its inputs', 'others');
  }
  return Array.from(numbers(result));
}
