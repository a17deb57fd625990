// Quantization for training that is aware of it: gradients go straight through the rounding (Bengio et al. 2013,
// arXiv:1308.3432; Jacob et al. 2018, arXiv:1712.05877), and end where values are clipped.
import { attributes } from '@percept/onnx/graph';
import { unsupported } from '../unsupported.js';
import { axisFromFront } from './axes.js';
import type { Gradient } from './gradient.js';

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  uint4: [0, 15],
  int4: [-8, 7],
};

/** dX = dY where X is not clipped, as torch.fake_quantize_per_tensor_affine. Scale and zero point get none. */
export const QuantizeLinear: Gradient = (context) => {
  const { g, node, inputs, inputDims, inputTypes, dY } = context;
  const type = (inputs[2] ?? '') === '' ? 'uint8' : (inputTypes[2] ?? '');
  const range = ranges[type];
  if (range === undefined) throw unsupported(node, `a type among ${Object.keys(ranges).join(', ')}`, type);
  if (attributes(node).int('block_size', 0) !== 0) throw unsupported(node, 'one scale per tensor or channel', 'blocks');
  const dims = inputDims[0]!;
  const axis = axisFromFront(attributes(node).int('axis', 1), dims.length);
  const along = (value: string): string =>
    inputDims[1]!.length === 0
      ? value
      : g.reshape(
          value,
          dims.map((_, at) => (at === axis ? -1 : 1)),
        );
  const steps = g.node('Div', [inputs[0]!, along(inputs[1]!)]);
  const shifted =
    (inputs[2] ?? '') === '' ? steps : g.node('Add', [steps, along(g.node('Cast', [inputs[2]!], { to: 1 }))]);
  const fromBelow = g.mask(g.node('GreaterOrEqual', [shifted, g.scalar(range[0] - 0.5)]));
  const fromAbove = g.mask(g.node('LessOrEqual', [shifted, g.scalar(range[1] + 0.5)]));
  return [g.node('Mul', [dY, g.node('Mul', [fromBelow, fromAbove])])];
};

/** dX = dY, which belongs to the value before it was quantized. */
export const DequantizeLinear: Gradient = ({ dY }) => [dY];
