import { type BatchSource, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';

/** A model whose scores are its inputs, behind an activation if there is one. */
export function echo(rank: number, activation?: 'Softmax' | 'Sigmoid', output = 'scores'): Model {
  const g = new GraphBuilder('echo');
  const dims = ['N', ...Array.from({ length: rank - 1 }, (_, i) => `d${i}`)];
  const x = g.input('x', 'float32', dims);
  const same = g.node('Identity', [x]);
  const y = activation === undefined ? same : g.node(activation, [same], activation === 'Softmax' ? { axis: 1 } : {});
  g.output(g.node('Identity', [y], {}, { outputs: [output] }), 'float32', dims);
  return g.build();
}

/** Data whose inputs are the scores that the model is to give, in batches of 4. */
export function scored(
  dims: readonly number[],
  scores: readonly number[],
  labels: { type: 'int64' | 'float32'; dims: readonly number[]; data: readonly number[] },
  classes: readonly string[],
): BatchSource {
  const samples = dims[0]!;
  const [width, labelWidth] = [scores.length / samples, labels.data.length / samples];
  const batchesPerEpoch = Math.ceil(samples / 4);
  return {
    batchesPerEpoch,
    classes,
    async *batches() {
      for (let from = 0; from < samples; from += 4) {
        const to = Math.min(from + 4, samples);
        const theirs = labels.data.slice(from * labelWidth, to * labelWidth);
        yield {
          keys: Array.from({ length: to - from }, (_, i) => `${(from + i) % 2 === 0 ? 'even' : 'odd'}-${from + i}`),
          inputs: tensor('float32', [to - from, ...dims.slice(1)], scores.slice(from * width, to * width)),
          labels: tensor(labels.type, [to - from, ...labels.dims.slice(1)], theirs as never) as Tensor<'float32'>,
        };
      }
    },
  };
}
