import type { TensorFlow, TfLayer, TfTensor } from './tensor-flow-module.js';

/** What a layer's own `call` is put aside for. */
interface OpenLayer {
  call?: (inputs: unknown, options: unknown) => unknown;
}

/** Whether no value is NaN or infinite; a scalar of TensorFlow.js, kept until it is disposed of. */
export function keptIsFinite(tf: TensorFlow, value: TfTensor): TfTensor {
  return tf.keep(tf.all(tf.isFinite(value)));
}

/**
 * Computes while the outputs of all layers are looked at, in the order of their computation.
 *
 * @returns for each, whether it is finite, to be disposed of
 */
export function watchLayers(
  tf: TensorFlow,
  layers: readonly TfLayer[],
  compute: () => void,
): { layer: TfLayer; finite: TfTensor }[] {
  const seen: { layer: TfLayer; finite: TfTensor }[] = [];
  const watched = layers.map((layer) => ({ open: layer as unknown as OpenLayer, own: Object.hasOwn(layer, 'call') }));
  const before = watched.map(({ open }) => open.call!);
  for (const [index, { open }] of watched.entries()) {
    const layer = layers[index]!;
    open.call = (inputs, options) => {
      const outputs = before[index]!.call(layer, inputs, options);
      for (const output of [outputs].flat() as TfTensor[]) seen.push({ layer, finite: keptIsFinite(tf, output) });
      return outputs;
    };
  }
  try {
    compute();
  } finally {
    for (const [index, { open, own }] of watched.entries()) {
      if (own) open.call = before[index]!;
      else delete open.call;
    }
  }
  return seen;
}
