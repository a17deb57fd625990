import { tensor } from '@percept/core';
import { encodeImage, plainPreset } from '@percept/image';
import { GraphBuilder, type PerceptMetadata, withMetadata, writeModel } from '@percept/onnx';

/** Classes of {@link colorModel}. */
export const colors = ['red', 'green', 'blue'] as const;

/** A model that tells the dominant colour of a picture: logits are ten times the mean of each channel. */
export function colorModel(
  options: { digest?: number; softmax?: boolean; batch?: number | string; metadata?: PerceptMetadata } = {},
): Uint8Array {
  const graph = new GraphBuilder('colors');
  const input = graph.input('input', 'float32', [options.batch ?? 'N', 3, 8, 8]);
  const means = graph.node('ReduceMean', [input], { axes: [2, 3], keepdims: 0 });
  const scale = graph.constant(tensor('float32', [], [10]));
  if (options.softmax) {
    graph.node('Softmax', [graph.node('Mul', [means, scale])], { axis: 1 }, { outputs: ['scores'] });
    graph.output('scores', 'float32', ['N', 3]);
  } else {
    graph.node('Mul', [means, scale], {}, { outputs: ['logits'] });
    graph.output('logits', 'float32', ['N', 3]);
  }
  const metadata = options.metadata ?? {
    labels: [...colors],
    preprocess: plainPreset({ width: 8, height: 8, color: 'rgb' }),
  };
  return writeModel(withMetadata(graph.build({ modelVersion: options.digest ?? 0 }), metadata));
}

/** A PNG of one colour. */
export function colorPicture(color: (typeof colors)[number], side = 16): Promise<Uint8Array> {
  const data = new Uint8Array(side * side * 3);
  for (let at = colors.indexOf(color); at < data.length; at += 3) data[at] = 255;
  return encodeImage({ width: side, height: side, channels: 3, data }, { format: 'png' });
}
