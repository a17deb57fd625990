import { type Conversion, type LayerConverter, unsupportedLayer } from './conversion.js';
import { channelsLast, imageSizes, isOrderFree, type LayerValue } from './layer-value.js';

/** Layers that do nothing in use. */
const passedOn: LayerConverter = (_, { inputs }) => inputs[0]!;
export const Dropout = passedOn;
export const SpatialDropout1D = passedOn;
export const AlphaDropout = passedOn;
export const GaussianDropout = passedOn;
export const GaussianNoise = passedOn;

export const Flatten: LayerConverter = (to, { layer, inputs: [x], config, outputShape }) => {
  const name = to.node('Flatten', [x!.name], { axis: 1 });
  if (x!.shape.length !== 4) return { name, shape: outputShape };
  const [channels, height, width] = imageSizes(x!, to.axes) as [number, number, number];
  // With channels first the layer may be asked for the order of channels last.
  const wantsChannelsLast = to.axes === channelsLast || config.dataFormat === 'channelsFirst';
  if (!wantsChannelsLast || isOrderFree([channels, height, width], channelsLast)) return { name, shape: outputShape };
  if ([channels, height, width].includes(null as never)) unsupportedLayer(layer, 'an image of no fixed size');
  return { name, shape: outputShape, flattened: [height, width, channels] };
};

/** No Transpose where the order of the numbers is the same: from and to vectors of channels, back to what was flattened. */
export const Reshape: LayerConverter = (to, { layer, inputs: [x], outputShape }) => {
  const wanted = outputShape.slice(1);
  const result: LayerValue = { name: '', shape: outputShape };
  const { flattened } = x!;
  if (flattened !== undefined && wanted.length === 3 && wanted.every((size, axis) => size === flattened[axis])) {
    return { ...result, name: reshaped(to, x!.name, imageSizes(result, to.axes) as number[]) };
  }
  if (wanted.filter((size) => size === null).length > 1) unsupportedLayer(layer, 'several sizes that are not known');
  let { name } = to.inLayerOrder(x!);
  if (x!.shape.length === 4 && !isOrderFree(imageSizes(x!, to.axes), to.axes)) {
    name = to.node('Transpose', [name], { perm: to.axes.toOnnx });
  }
  const sizes = wanted.map((size) => size ?? -1);
  if (wanted.length !== 3) return { ...result, name: reshaped(to, name, sizes) };
  const onnxSizes = imageSizes(result, to.axes);
  if (isOrderFree(onnxSizes, to.axes))
    return {
      ...result,
      name: reshaped(
        to,
        name,
        onnxSizes.map((size) => size ?? -1),
      ),
    };
  return { ...result, name: to.node('Transpose', [reshaped(to, name, sizes)], { perm: to.axes.fromOnnx }) };
};

function reshaped(to: Conversion, name: string, sizes: readonly number[]): string {
  return to.node('Reshape', [name, to.integers([0, ...sizes])]);
}

export const Permute: LayerConverter = (to, { inputs: [x], config, outputShape }) => {
  const { name, shape } = to.inLayerOrder(x!);
  const perm = [0, ...(config.dims as number[])];
  const onnxPerm = shape.length === 4 ? to.axes.fromOnnx.map((axis) => to.axes.toOnnx[perm[axis]!]!) : perm;
  const stays = onnxPerm.every((axis, at) => axis === at);
  return { name: stays ? name : to.node('Transpose', [name], { perm: onnxPerm }), shape: outputShape };
};

export const ZeroPadding2D: LayerConverter = (to, { inputs: [x], config, outputShape }) => {
  const [[top, bottom], [left, right]] = config.padding as [[number, number], [number, number]];
  const pads = to.integers([0, 0, top, left, 0, 0, bottom, right]);
  return { name: to.node('Pad', [x!.name, pads, to.scalar(0)]), shape: outputShape };
};

export const Cropping2D: LayerConverter = (to, { inputs: [x], config, outputShape }) => {
  const [[top, bottom], [left, right]] = config.cropping as [[number, number], [number, number]];
  const [, height, width] = imageSizes(x!, to.axes);
  // Counted from the end where the size is not known; 0 would be the beginning.
  const end = (size: number | null | undefined, cut: number): number =>
    size == null ? (cut === 0 ? Number.MAX_SAFE_INTEGER : -cut) : size - cut;
  const ends = [end(height, bottom), end(width, right)];
  const name = to.node('Slice', [x!.name, to.integers([top, left]), to.integers(ends), to.integers([2, 3])]);
  return { name, shape: outputShape };
};

/** TensorFlow.js takes pixels from the corner, not from the centre: what ONNX calls asymmetric. */
export const UpSampling2D: LayerConverter = (to, { inputs: [x], config, outputShape }) => {
  const [height, width] = config.size as [number, number];
  const scales = to.constant('float32', [4], [1, 1, height, width], 'scales');
  const nearest = config.interpolation !== 'bilinear';
  const name = to.g.node('Resize', [x!.name, '', scales], {
    coordinate_transformation_mode: 'asymmetric',
    mode: nearest ? 'nearest' : 'linear',
    ...(nearest ? { nearest_mode: 'floor' } : {}),
  });
  return { name, shape: outputShape };
};

export const Rescaling: LayerConverter = (to, { inputs: [x], config }) => {
  const { scale, offset } = config as { scale: number; offset: number };
  const scaled = to.node('Mul', [x!.name, to.scalar(scale)]);
  return { ...x!, name: offset === 0 ? scaled : to.node('Add', [scaled, to.scalar(offset)]) };
};
