import { PerceptError, parseOptions } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import { emitTrainingPass } from './backward.js';
import { type Loss, targetsOf } from './losses/loss.js';
import { crossEntropy } from './losses.js';
import { StepBuilder } from './step-builder.js';
import { trainable } from './trainable.js';

/** Options of {@link differentiate}. */
export interface DifferentiateOptions {
  /** Shape of the model's input, `[N, C, H, W]`, batch size included. */
  inputDims: readonly number[];
  /** Default {@link crossEntropy}. */
  loss?: Loss;
  /** Names of float32 constants, or of the model's input, to differentiate with respect to. Default: all parameters. */
  wrt?: readonly string[];
  /**
   * Whether Dropouts drop. Each then adds an input `random.<index>` to be filled with numbers evenly distributed over
   * [0, 1): what is below the ratio is dropped. Default false.
   */
  dropout?: boolean;
}

const schema = z.strictObject({
  inputDims: z.array(z.int().min(1)).min(1),
  loss: z.custom<Loss>((value) => typeof (value as Loss | undefined)?.emit === 'function', 'a loss').optional(),
  wrt: z.array(z.string()).optional(),
  dropout: z.boolean().optional(),
});

/**
 * The gradient graph of a model, in standard ONNX operators only, for one batch size.
 *
 * Its inputs are the model's own, `labels` (what the loss compares with; class indices `[N]` int64 by default) and every
 * initializer of `wrt` under its name. Its outputs are `loss` (scalar), `scores` (the model's output), `gradient.<name>` for each name of `wrt` in that value's shape, and
 * `next.<name>` for every running statistic of a BatchNormalization, which is computed over the batch.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED` for operators or attributes without a gradient, `TRAIN_MODEL_INVALID` for models
 *   of another form than one float32 input and one output with the batch first, `INVALID_ARGUMENT`
 */
export function differentiate(model: Model, options: DifferentiateOptions): Model {
  const {
    inputDims,
    loss = crossEntropy(),
    wrt,
    dropout = false,
  } = parseOptions(schema, options, 'differentiate() options');
  const source = trainable(model);
  const names = wrt ?? source.parameters;
  const g = new StepBuilder(`gradients of ${model.graph.name}`);
  g.input(source.input, 'float32', inputDims);
  const constants = [...source.constants].filter(([, { type }]) => type === 'float32').map(([name]) => name);
  const known = [source.input, ...constants];
  for (const name of names) {
    if (!known.includes(name)) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected names among ${known.join(', ')} for wrt but received ${JSON.stringify(name)}`,
      );
    }
  }
  for (const [name, tensor] of source.constants) {
    if (names.includes(name)) g.input(name, 'float32', [...tensor.dims]);
    else g.initializer(name, tensor);
  }
  const targets = targetsOf(loss);
  const labels = (scoreDims: readonly number[]): string =>
    g.input('labels', targets.type, [...targets.dims(scoreDims)]);
  const pass = emitTrainingPass(g, source, { loss, wrt: names, inputDims, labels, dropout });
  const output = (name: string, value: string): void =>
    g.output(g.node('Identity', [value], {}, { outputs: [name] }), 'float32', undefined);
  output('loss', pass.loss);
  output('scores', pass.scores);
  for (const [name, value] of pass.gradients) output(`gradient.${name}`, value);
  for (const [name, value] of pass.statistics) output(`next.${name}`, value);
  return g.build();
}
