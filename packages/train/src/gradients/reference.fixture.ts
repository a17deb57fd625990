// A second, slow implementation for the tests: the training forward pass and its loss in float64, written from the
// operators' definitions with plain loops. Gradients are checked against its central differences.
import { elementCount } from '@percept/core';
import type { Model, Node } from '@percept/onnx';

export interface Values {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

const ints = (node: Node, name: string, fallback: number[]): number[] => {
  const attribute = node.attributes[name];
  return attribute?.type === 'ints' ? attribute.value : fallback;
};
const number = (node: Node, name: string, fallback: number): number => {
  const attribute = node.attributes[name];
  return attribute?.type === 'int' || attribute?.type === 'float' ? attribute.value : fallback;
};

/** Mean softmax cross-entropy of the model's output, computed in training form. */
export function referenceLoss(model: Model, values: ReadonlyMap<string, Values>, labels: readonly number[]): number {
  const known = new Map(values);
  for (const node of model.graph.nodes) {
    const inputs = node.inputs.map((name) => known.get(name)!);
    known.set(node.outputs[0]!, operators[node.opType]!(node, inputs));
  }
  const { dims, data } = known.get(model.graph.outputs[0]!.name)!;
  const classes = dims[1]!;
  let loss = 0;
  for (const [row, label] of labels.entries()) {
    const logits = data.subarray(row * classes, (row + 1) * classes);
    const largest = Math.max(...logits);
    loss += Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest - logits[label]!;
  }
  return loss / labels.length;
}

type Operator = (node: Node, inputs: readonly Values[]) => Values;

const map = (dims: readonly number[], value: (at: number[]) => number): Values => {
  const at = dims.map(() => 0);
  const data = new Float64Array(elementCount(dims));
  for (let index = 0; index < data.length; index++) {
    data[index] = value(at);
    for (let axis = dims.length - 1; axis >= 0 && ++at[axis]! === dims[axis]; axis--) at[axis] = 0;
  }
  return { dims, data };
};

const read = ({ dims, data }: Values, at: readonly number[]): number => {
  let index = 0;
  for (const [axis, dim] of dims.entries()) {
    const position = at[axis + at.length - dims.length]!;
    index = index * dim + (dim === 1 ? 0 : position);
  }
  return data[index]!;
};

/** First position and number of windows along an axis. */
function windows(node: Node, size: number, kernel: number, axis: 0 | 1): { before: number; count: number } {
  const stride = ints(node, 'strides', [1, 1])[axis]!;
  const extent = ints(node, 'dilations', [1, 1])[axis]! * (kernel - 1) + 1;
  const auto = node.attributes.auto_pad?.value;
  let pads = ints(node, 'pads', [0, 0, 0, 0]);
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
    const first = auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
    pads = [first, first, total - first, total - first];
  }
  const before = pads[axis]!;
  const span = size + before + pads[axis + 2]! - extent;
  if (number(node, 'ceil_mode', 0) === 0) return { before, count: Math.floor(span / stride) + 1 };
  let count = Math.ceil(span / stride) + 1;
  if ((count - 1) * stride >= size + before) count--;
  return { before, count };
}

function slide(
  node: Node,
  x: Values,
  kernel: readonly [number, number],
): {
  output: [number, number];
  position(row: number, column: number, i: number, j: number): [number, number] | undefined;
} {
  const [height, width] = [x.dims[2]!, x.dims[3]!];
  const rows = windows(node, height, kernel[0], 0);
  const columns = windows(node, width, kernel[1], 1);
  const strides = ints(node, 'strides', [1, 1]);
  const dilations = ints(node, 'dilations', [1, 1]);
  return {
    output: [rows.count, columns.count],
    position(row, column, i, j) {
      const y = row * strides[0]! + i * dilations[0]! - rows.before;
      const z = column * strides[1]! + j * dilations[1]! - columns.before;
      return y < 0 || z < 0 || y >= height || z >= width ? undefined : [y, z];
    },
  };
}

const operators: Readonly<Record<string, Operator>> = {
  Identity: (_, [x]) => x!,
  Relu: (_, [x]) => ({ dims: x!.dims, data: x!.data.map((value) => Math.max(value, 0)) }),
  Add(_, [a, b]) {
    const rank = Math.max(a!.dims.length, b!.dims.length);
    const size = (v: Values, axis: number): number => v.dims[axis - rank + v.dims.length] ?? 1;
    const dims = Array.from({ length: rank }, (_, axis) => Math.max(size(a!, axis), size(b!, axis)));
    return map(dims, (at) => read(a!, at) + read(b!, at));
  },
  Flatten(node, [x]) {
    const axis = number(node, 'axis', 1);
    const split = axis < 0 ? axis + x!.dims.length : axis;
    return { dims: [elementCount(x!.dims.slice(0, split)), elementCount(x!.dims.slice(split))], data: x!.data };
  },
  Reshape(_, [x, shape]) {
    const dims = Array.from(shape!.data, (dim, axis) => (dim === 0 ? x!.dims[axis]! : dim));
    const rest = x!.data.length / Math.abs(elementCount(dims));
    return { dims: dims.map((dim) => (dim === -1 ? rest : dim)), data: x!.data };
  },
  GlobalAveragePool(_, [x]) {
    const [n, c, h, w] = x!.dims as [number, number, number, number];
    return map([n, c, 1, 1], ([i, j]) => {
      const map = x!.data.subarray((i! * c + j!) * h * w, (i! * c + j! + 1) * h * w);
      return map.reduce((sum, value) => sum + value, 0) / (h * w);
    });
  },
  Gemm(node, [a, b, c]) {
    const [transA, transB] = [number(node, 'transA', 0), number(node, 'transB', 0)];
    const [rows, inner] = transA ? [a!.dims[1]!, a!.dims[0]!] : [a!.dims[0]!, a!.dims[1]!];
    const columns = b!.dims[transB ? 0 : 1]!;
    return map([rows, columns], (at) => {
      const [i, j] = at as [number, number];
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += read(a!, transA ? [k, i] : [i, k]) * read(b!, transB ? [j, k] : [k, j]);
      return number(node, 'alpha', 1) * sum + (c ? number(node, 'beta', 1) * read(c, at) : 0);
    });
  },
  MatMul(_, [a, b]) {
    const rank = Math.max(a!.dims.length, b!.dims.length);
    const size = (v: Values, axis: number): number => v.dims[axis - rank + v.dims.length] ?? 1;
    const batch = Array.from({ length: rank - 2 }, (_, axis) => Math.max(size(a!, axis), size(b!, axis)));
    return map([...batch, a!.dims.at(-2)!, b!.dims.at(-1)!], (at) => {
      const [outer, i, j] = [at.slice(0, -2), at.at(-2)!, at.at(-1)!];
      let sum = 0;
      for (let k = 0; k < a!.dims.at(-1)!; k++) sum += read(a!, [...outer, i, k]) * read(b!, [...outer, k, j]);
      return sum;
    });
  },
  Conv(node, [x, w, b]) {
    const [filters, perGroup, kh, kw] = w!.dims as [number, number, number, number];
    const { output, position } = slide(node, x!, [kh, kw]);
    const filtersPerGroup = filters / number(node, 'group', 1);
    return map([x!.dims[0]!, filters, ...output], (at) => {
      const [n, o, row, column] = at as [number, number, number, number];
      let sum = b ? b.data[o]! : 0;
      for (let c = 0; c < perGroup; c++) {
        for (let i = 0; i < kh; i++) {
          for (let j = 0; j < kw; j++) {
            const source = position(row, column, i, j);
            if (source === undefined) continue;
            sum += read(x!, [n, Math.floor(o / filtersPerGroup) * perGroup + c, ...source]) * read(w!, [o, c, i, j]);
          }
        }
      }
      return sum;
    });
  },
  MaxPool(node, [x]) {
    const [kh, kw] = ints(node, 'kernel_shape', []) as [number, number];
    const { output, position } = slide(node, x!, [kh, kw]);
    return map([x!.dims[0]!, x!.dims[1]!, ...output], (at) => {
      const [n, c, row, column] = at as [number, number, number, number];
      let largest = -Infinity;
      for (let i = 0; i < kh; i++) {
        for (let j = 0; j < kw; j++) {
          const source = position(row, column, i, j);
          if (source !== undefined) largest = Math.max(largest, read(x!, [n, c, ...source]));
        }
      }
      return largest;
    });
  },
  BatchNormalization(node, [x, scale, bias]) {
    const channels = x!.dims[1]!;
    const area = elementCount(x!.dims.slice(2));
    const channelOf = (index: number): number => Math.floor(index / area) % channels;
    const count = x!.data.length / channels;
    const mean = new Float64Array(channels);
    const variance = new Float64Array(channels);
    x!.data.forEach((value, index) => {
      mean[channelOf(index)]! += value / count;
    });
    x!.data.forEach((value, index) => {
      variance[channelOf(index)]! += (value - mean[channelOf(index)]!) ** 2 / count;
    });
    const epsilon = number(node, 'epsilon', 1e-5);
    return {
      dims: x!.dims,
      data: x!.data.map((value, index) => {
        const c = channelOf(index);
        return ((value - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * scale!.data[c]! + bias!.data[c]!;
      }),
    };
  },
};
