import { fixedPrefix, type LayerConverter, unsupportedLayer } from './conversion.js';
import { onnxAxis } from './layer-value.js';

interface BatchNormalizationConfig {
  readonly axis: number | readonly number[];
  readonly epsilon: number;
  readonly momentum: number;
}

/** Without `scale` or `center` the layer has no weight for it, so a constant stands there. */
export const BatchNormalization: LayerConverter = (to, { layer, config, inputs: [x] }) => {
  const { axis, epsilon, momentum } = config as unknown as BatchNormalizationConfig;
  const given = typeof axis === 'number' ? axis : axis[0]!;
  if (onnxAxis(x!, given, to.axes) !== 1 || x!.shape.length === 3) {
    unsupportedLayer(layer, `a normalization of axis ${given} of values of the shape [${x!.shape.join(', ')}]`);
  }
  const layout = to.flattenedLayout(x!);
  const channels = to.weightOf(layer, 'moving_mean')!.shape[0]!;
  const filled = (value: number): string =>
    to.constant(
      'float32',
      [channels],
      Array.from({ length: channels }, () => value),
      fixedPrefix,
    );
  const name = to.node(
    'BatchNormalization',
    [
      x!.name,
      to.parameter(layer, 'gamma', layout) ?? filled(1),
      to.parameter(layer, 'beta', layout) ?? filled(0),
      to.parameter(layer, 'moving_mean', layout),
      to.parameter(layer, 'moving_variance', layout),
    ],
    { epsilon: { type: 'float', value: epsilon }, momentum: { type: 'float', value: momentum } },
  );
  return { ...x!, name };
};
