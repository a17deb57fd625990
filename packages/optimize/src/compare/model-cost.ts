import type { Tensor } from '@percept/core';
import { readModel } from '@percept/onnx';
import { describe } from '@percept/onnx/graph';
import type { Contestant, NamedModel } from './contestant.js';

/** What a model costs whoever runs it, as far as its file tells. */
export interface ModelCost {
  /** Elements of the weights. */
  readonly parameters?: number;
  /** Multiply-accumulates for one image. */
  readonly macs?: number;
  /** Why something of it is not known. */
  readonly note?: string;
}

/** Counts weights and operations of a model for images like the first of a batch. */
export function modelCost({ name, model }: NamedModel, { input, fixedBatch }: Contestant, images: Tensor): ModelCost {
  const batch = fixedBatch ?? 1;
  try {
    const inputDims = { [input]: [batch, ...images.dims.slice(1)] };
    const { parameters, macs, unknown } = describe(readModel(model), { inputDims });
    if (unknown.length === 0) return { parameters, macs: macs / batch };
    return { parameters, note: `multiply-accumulates of ${name} are not known: ${unknown.join(', ')}` };
  } catch (error) {
    // A runtime may take forms of models that we cannot read, and may know operators that we do not.
    return { note: `parameters and multiply-accumulates of ${name} are not known: ${(error as Error).message}` };
  }
}
