// A TFLite file without dynamic shapes: every size known, constants folded, so that no arithmetic on shapes is left.
import { PerceptError } from '@percept/core';
import { cloneModel, type Dimension, type Model } from '@percept/onnx';
import { convertOpset, inferTypes, simplifyModel } from '@percept/onnx/graph';
import { foldBatchNorm } from '../../graph/fold-batch-norm.js';
import { requiredInputs } from '../../graph/graph-values.js';

/** Sizes to give to inputs. */
export interface GivenSizes {
  /** Size of a first axis that the model leaves open. */
  readonly batch: number;
  /** Sizes of inputs by name. */
  readonly inputDims: Readonly<Record<string, readonly number[]>>;
}

/** From here on axes of Squeeze, split sizes and limits of Clip are inputs, and Softmax works on one axis. */
const oldestOpset = 13;
/** Computed constants, such as masks and position embeddings, may be this large. */
const largestConstant = 2 ** 24;

/**
 * A copy of the model with fixed sizes, simplified, of opset 13 or newer.
 *
 * @throws PerceptError `OPTIMIZE_TFLITE_DYNAMIC_SHAPE` when an input keeps a size that is not known
 */
export function withFixedSizes(model: Model, { batch, inputDims }: GivenSizes): Model {
  const copy = (model.opsets[''] ?? 1) < oldestOpset ? convertOpset(model, oldestOpset) : cloneModel(model);
  const names = new Set(requiredInputs(copy.graph).map(({ name }) => name));
  for (const name of Object.keys(inputDims)) {
    if (names.has(name)) continue;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected names of inputs (${[...names].join(', ')}) in toTflite() inputDims but received ${name}`,
    );
  }
  const symbols = new Map<string, number>();
  for (const input of copy.graph.inputs) {
    if (!names.has(input.name)) continue;
    const dims = fixedDims(input.name, input.dims, inputDims[input.name], batch, symbols);
    input.dims = dims;
  }
  // What the model declares of other values may still name sizes; they are inferred anew.
  copy.graph.valueInfos = [];
  for (const output of copy.graph.outputs) output.dims = undefined;
  inferTypes(copy);
  return simplifyModel(foldBatchNorm(copy).model, { maxGrowth: largestConstant }).model;
}

function fixedDims(
  name: string,
  declared: readonly Dimension[] | undefined,
  given: readonly number[] | undefined,
  batch: number,
  symbols: Map<string, number>,
): number[] {
  if (given !== undefined && declared !== undefined && given.length !== declared.length) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected ${declared.length} sizes for ${name} in toTflite() inputDims but received [${given.join(', ')}]`,
    );
  }
  const dims = (given ?? declared)?.map((dim, axis) => {
    const own = declared?.[axis];
    if (typeof own === 'number' && typeof dim === 'number' && own !== dim) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected size ${own}, which the model declares, on axis ${axis} of ${name} but received ${dim}`,
      );
    }
    if (typeof own === 'string' && typeof dim === 'number') symbols.set(own, dim);
    if (typeof dim === 'string' && symbols.has(dim)) return symbols.get(dim);
    return typeof dim !== 'number' && axis === 0 ? batch : dim;
  });
  if (dims?.every((dim) => typeof dim === 'number' && dim > 0)) return dims as number[];
  const shown = dims === undefined ? 'no shape' : `[${dims.map((dim) => dim ?? '?').join(', ')}]`;
  throw new PerceptError(
    'OPTIMIZE_TFLITE_DYNAMIC_SHAPE',
    `Expected known sizes for input ${name} but received ${shown}. Give them: inputDims: { ${JSON.stringify(name)}: [${(dims ?? ['…']).map((dim) => (typeof dim === 'number' ? dim : '…')).join(', ')}] }`,
    { details: { input: name, dims: dims ?? null } },
  );
}
