// Tensors made from attributes, shapes or random numbers.
//
// No two implementations draw the same random numbers, and the standard asks for none. Here they are a pure function of
// the attribute `seed`, the node's name and its first output: running a model twice draws the same numbers.
import { elementCount, keyedRandom, type Random } from '@percept/core';
import type { ElementType } from '../element-type.js';
import { unsupported } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { asTensor, bools, fromBigInts, fromNumbers, integers, numbers, pick, scalar, tensorValue } from '../value.js';

export const Constant: Kernel = (_, context) => {
  const tensor = context.tensor('value') ?? context.tensor('sparse_value');
  if (tensor !== undefined) return [tensor];
  const ints = context.bigints(context.has('value_int') ? 'value_int' : 'value_ints');
  if (ints !== undefined) return [fromBigInts('int64', context.has('value_int') ? [] : [ints.length], ints)];
  const float = context.float('value_float');
  const type = context.elementType(1);
  if (float !== undefined) return [fromNumbers(type, [], [float])];
  const floats = context.floats('value_floats');
  if (floats !== undefined) return [fromNumbers(type, [floats.length], floats)];
  const text = context.string('value_string');
  if (text !== undefined) return [tensorValue('string', [], [text])];
  const texts = context.strings('value_strings') ?? [];
  return [tensorValue('string', [texts.length], [...texts])];
};

export const ConstantOfShape: Kernel = ([shape], context) => {
  const dims = integers(asTensor(shape, 'shape'));
  const value = context.tensor('value') ?? fromNumbers(context.elementType(1), [1], [0]);
  return [pick(value, dims, new Int32Array(elementCount(dims)))];
};

export const Range: Kernel = ([startInput, limitInput, deltaInput]) => {
  const [start, limit, delta] = [asTensor(startInput), asTensor(limitInput), asTensor(deltaInput)].map(scalar) as [
    number,
    number,
    number,
  ];
  const length = Math.max(0, Math.ceil((limit - start) / delta));
  return [
    fromNumbers(
      asTensor(startInput).type,
      [length],
      Array.from({ length }, (_, at) => start + at * delta),
    ),
  ];
};

export const EyeLike: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const dataType = context.int('dtype');
  const k = context.int('k', 0);
  const columns = tensor.dims[1]!;
  const values = Array.from({ length: elementCount(tensor.dims) }, (_, at) =>
    (at % columns) - Math.floor(at / columns) === k ? 1 : 0,
  );
  return [fromNumbers(dataType === undefined ? tensor.type : context.elementType(dataType), tensor.dims, values)];
};

/** `seed` is an integer in Dropout and a float elsewhere. */
function random(context: KernelContext): Random {
  const seed = context.opType === 'Dropout' ? context.int('seed', 0) : context.float('seed', 0);
  return keyedRandom('onnx', context.opType, context.name, seed);
}

type Draw = (random: Random, context: KernelContext) => number;
const uniform: Draw = (source, context) => {
  const low = context.float('low', 0);
  return low + (context.float('high', 1) - low) * source.float();
};
const normal: Draw = (source, context) => context.float('mean', 0) + context.float('scale', 1) * source.normal();

function drawn(type: ElementType, dims: readonly number[], draw: Draw, context: KernelContext) {
  const source = random(context);
  return fromNumbers(
    type,
    dims,
    Array.from({ length: elementCount(dims) }, () => draw(source, context)),
  );
}

function shaped(draw: Draw): Kernel {
  return (_, context) => [
    drawn(context.elementType(context.int('dtype', 1)), context.ints('shape', []), draw, context),
  ];
}

function like(draw: Draw): Kernel {
  return ([input], context) => {
    const { type, dims } = asTensor(input);
    const dataType = context.int('dtype');
    return [drawn(dataType === undefined ? type : context.elementType(dataType), dims, draw, context)];
  };
}

export const RandomUniform: Kernel = shaped(uniform);
export const RandomUniformLike: Kernel = like(uniform);
export const RandomNormal: Kernel = shaped(normal);
export const RandomNormalLike: Kernel = like(normal);

export const Bernoulli: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const dataType = context.int('dtype');
  const source = random(context);
  const draws = numbers(tensor).map((probability) => (source.float() < probability ? 1 : 0));
  return [fromNumbers(dataType === undefined ? tensor.type : context.elementType(dataType), tensor.dims, draws)];
};

/** Samples outcomes from unnormalised log-probabilities [batch, classes]. */
export const Multinomial: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const [batch, classes] = tensor.dims as [number, number];
  const count = context.int('sample_size', 1);
  const source = random(context);
  const logits = numbers(tensor);
  const draws = Array.from({ length: batch * count }, (_, at) => {
    const row = logits.subarray(Math.floor(at / count) * classes).subarray(0, classes);
    const top = Math.max(...row);
    const weights = row.map((value) => Math.exp(value - top));
    let left = source.float() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [at, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return at;
    }
    return classes - 1;
  });
  return [fromNumbers(context.elementType(context.int('dtype', 6)), [batch, count], draws)];
};

export const Dropout: Kernel = ([input, ratioInput, trainingInput], context) => {
  const tensor = asTensor(input);
  const training = trainingInput !== undefined && scalar(asTensor(trainingInput, 'training_mode')) === 1;
  const ratio = ratioInput === undefined ? context.float('ratio', 0.5) : scalar(asTensor(ratioInput, 'ratio'));
  if (context.opset < 7) throw unsupported('Expected Dropout of version 7 or later');
  if (!training || ratio === 0) return [tensor, bools(tensor.dims, new Uint8Array(elementCount(tensor.dims)).fill(1))];
  const source = random(context);
  const kept = Array.from({ length: elementCount(tensor.dims) }, () => source.float() >= ratio);
  const scaled = numbers(tensor).map((value, at) => (kept[at] ? value / (1 - ratio) : 0));
  return [fromNumbers(tensor.type, tensor.dims, scaled), bools(tensor.dims, kept)];
};
