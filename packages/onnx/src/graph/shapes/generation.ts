import type { ElementType } from '../../element-types.js';
import { elementTypeName } from '../../element-types.js';
import { unknownDims } from './dimensions.js';
import { namedType } from './elementwise.js';
import type { InferredOutput, ShapeContext, ShapeRule } from './shape-rule.js';

export const Constant: ShapeRule = ({ node, attributes }) => {
  const [name, attribute] = Object.entries(node.attributes).find(([key]) => /^(sparse_)?value/.test(key)) ?? [];
  if (attribute === undefined) return [undefined];
  const of = (elementType: ElementType, dims: readonly number[]): InferredOutput[] => [{ elementType, dims }];
  switch (attribute.type) {
    case 'tensor':
      return of(attribute.value.type, attribute.value.dims);
    case 'rawTensor': {
      const { type, dims } = attribute.value;
      return [{ dims, elementType: typeof type === 'number' ? elementTypeName(type) : type }];
    }
    case 'sparseTensor': {
      const { type } = attribute.value.values;
      return [{ dims: attribute.value.dims, elementType: typeof type === 'number' ? elementTypeName(type) : type }];
    }
    case 'float':
      return of('float32', []);
    case 'int':
      return of('int64', []);
    case 'string':
    case 'bytes':
      return of('string', []);
    case 'floats':
      return of('float32', [attributes.floats(name!).length]);
    case 'ints':
      return of('int64', [attributes.ints(name!).length]);
    case 'strings':
      return of('string', [attributes.strings(name!).length]);
    default:
      return [undefined];
  }
};

export const ConstantOfShape: ShapeRule = (context) => {
  const rank = context.dims(0)?.[0];
  const value = context.node.attributes.value;
  const type = value?.type === 'tensor' || value?.type === 'rawTensor' ? value.value.type : 'float32';
  return [
    {
      dims: context.contents(0) ?? (typeof rank === 'number' ? unknownDims(rank) : undefined),
      elementType: typeof type === 'number' ? elementTypeName(type) : type,
    },
  ];
};

export const Shape: ShapeRule = (context) => {
  const dims = context.dims(0);
  const { attributes } = context;
  if (dims === undefined) return [{ dims: unknownDims(1) }];
  return [{ dims: [dims.slice(attributes.int('start', 0), attributes.int('end', dims.length)).length] }];
};

export const Size: ShapeRule = () => [{ dims: [] }];

export const Range: ShapeRule = (context) => {
  const [start, limit, delta] = [0, 1, 2].map(
    (index) => context.constant(index)?.data[0] ?? context.integers(index)?.[0],
  );
  if (start === undefined || limit === undefined || delta === undefined) return [{ dims: unknownDims(1) }];
  return [{ dims: [Math.max(0, Math.ceil((Number(limit) - Number(start)) / Number(delta)))] }];
};

export const EyeLike: ShapeRule = (context) => [
  { dims: context.dims(0), elementType: namedType(context, 'dtype') ?? context.elementType(0) },
];
export const Bernoulli = EyeLike;
export const RandomNormalLike = EyeLike;
export const RandomUniformLike = EyeLike;

const random: ShapeRule = (context) => [
  { dims: context.attributes.ints('shape', undefined), elementType: namedType(context, 'dtype') ?? 'float32' },
];
export const RandomNormal = random;
export const RandomUniform = random;

export const Multinomial: ShapeRule = (context) => [
  {
    dims: [context.dims(0)?.[0], context.attributes.int('sample_size', 1)],
    elementType: namedType(context, 'dtype') ?? 'int32',
  },
];

const samplingWindow: ShapeRule = (context: ShapeContext) => [
  { dims: [context.contents(0)?.[0]], elementType: namedType(context, 'output_datatype') ?? 'float32' },
];
export const BlackmanWindow = samplingWindow;
export const HammingWindow = samplingWindow;
export const HannWindow = samplingWindow;

export const MelWeightMatrix: ShapeRule = (context) => {
  const length = context.integers(1)?.[0];
  return [
    {
      dims: [length === undefined ? undefined : Math.floor(length / 2) + 1, context.contents(0)?.[0]],
      elementType: namedType(context, 'output_datatype') ?? 'float32',
    },
  ];
};
