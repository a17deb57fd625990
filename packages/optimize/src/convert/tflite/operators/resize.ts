// TFLite knows three ways to say where an output pixel lies in the input. ONNX knows more, and ways to round; so the
// places that the node asks for are computed, and the way of TFLite that gives the same is taken. Nearest pixels that none
// gives are picked by index.
import type { NodeScope } from '../node-scope.js';
import { channelsLast, giveImage, imageOperand } from './images.js';
import type { OperatorLowering } from './index.js';

/** Resizing of images. */
export const resizeLowerings: Readonly<Record<string, OperatorLowering>> = { Resize: resize };

interface Axis {
  readonly size: number;
  readonly output: number;
  /** Output size over input size, as the node says. */
  readonly scale: number;
}

const ways = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
  { alignCorners: true, halfPixelCenters: false },
] as const;
type Way = (typeof ways)[number];

function resize(scope: NodeScope): void {
  const { attributes } = scope;
  const image = imageOperand(scope);
  const mode = attributes.string('mode', 'nearest');
  if (attributes.int('antialias', 0) === 1) scope.refuse('antialias', 'Export the model without it');
  const dims = scope.outputDims();
  const [n, c] = dims as [number, number];
  if (n !== image.dims[0] || c !== image.dims[1])
    scope.refuse('other axes than the spatial ones', 'Resize height and width');
  const outputs = dims.length === 3 ? [1, dims[2]!] : [dims[2]!, dims[3]!];
  const scales = scope.has(2) ? scope.numbers(2, 'scales')! : [];
  const given = scales.length > 0 ? (dims.length === 3 ? [1, scales[2]!] : [scales[2]!, scales[3]!]) : undefined;
  const axes = [0, 1].map((at): Axis => {
    const [size, output] = [image.dims[2 + at]!, outputs[at]!];
    return { size, output, scale: given?.[at] ?? output / size };
  });
  const from = scope.arrange(image, channelsLast);
  const shape = [n, ...outputs, c];
  if (mode === 'linear') {
    const way = ways.find((other) => axes.every((axis) => sameLines(scope, axis, other)));
    if (way === undefined)
      scope.refuse('coordinates that TFLite does not know', 'Use half_pixel, asymmetric or align_corners, with sizes');
    const size = scope.int32s(outputs);
    giveImage(scope, scope.emit('RESIZE_BILINEAR', [from, size], scope.result(shape), 'ResizeBilinearOptions', way));
    return;
  }
  if (mode !== 'nearest') scope.refuse(`mode ${mode}`, 'TFLite resizes nearest and linear');
  const places = axes.map((axis) => nearestPlaces(scope, axis));
  const way = ways.find((other) =>
    axes.every((axis, at) => places[at]!.every((place, to) => place === tflitePlace(axis, to, other))),
  );
  if (way !== undefined) {
    const size = scope.int32s(outputs);
    giveImage(
      scope,
      scope.emit('RESIZE_NEAREST_NEIGHBOR', [from, size], scope.result(shape), 'ResizeNearestNeighborOptions', way),
    );
    return;
  }
  const rows = scope.result([n, outputs[0]!, image.dims[3]!, c]);
  scope.emit('GATHER', [from, scope.int32s(places[0]!)], rows, 'GatherOptions', { axis: 1 });
  giveImage(
    scope,
    scope.emit('GATHER', [rows, scope.int32s(places[1]!)], scope.result(shape), 'GatherOptions', { axis: 2 }),
  );
}

/** Where ONNX sees an output pixel in the input. */
function coordinate(scope: NodeScope, { size, output, scale }: Axis, to: number): number {
  const mode = scope.attributes.string('coordinate_transformation_mode', 'half_pixel');
  switch (mode) {
    case 'half_pixel':
      return (to + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return output > 1 ? (to + 0.5) / scale - 0.5 : 0;
    case 'half_pixel_symmetric': {
      const adjusted = output / (scale * size);
      return (size / 2) * (1 - adjusted) + (to + 0.5) / scale - 0.5;
    }
    case 'asymmetric':
      return to / scale;
    case 'align_corners':
      return output === 1 ? 0 : (to * (size - 1)) / (output - 1);
    default:
      return scope.refuse(`coordinates ${mode}`, 'Use half_pixel, asymmetric or align_corners');
  }
}

function nearestPlaces(scope: NodeScope, axis: Axis): number[] {
  const rounding = scope.attributes.string('nearest_mode', 'round_prefer_floor');
  return Array.from({ length: axis.output }, (_, to) => {
    const x = coordinate(scope, axis, to);
    const place =
      rounding === 'floor'
        ? Math.floor(x)
        : rounding === 'ceil'
          ? Math.ceil(x)
          : rounding === 'round_prefer_ceil'
            ? Math.floor(x + 0.5)
            : Math.ceil(x - 0.5);
    return Math.min(axis.size - 1, Math.max(0, place));
  });
}

/** Which pixel RESIZE_NEAREST_NEIGHBOR takes. */
function tflitePlace({ size, output }: Axis, to: number, { alignCorners, halfPixelCenters }: Way): number {
  const step = Math.fround(alignCorners && output > 1 ? (size - 1) / (output - 1) : size / output);
  const x = Math.fround((halfPixelCenters ? to + 0.5 : to) * step);
  return Math.min(size - 1, alignCorners ? Math.round(x) : Math.floor(x));
}

/** Whether RESIZE_BILINEAR mixes the same pixels in the same shares. */
function sameLines(scope: NodeScope, axis: Axis, { alignCorners, halfPixelCenters }: Way): boolean {
  const { size, output } = axis;
  const inside = (x: number) => Math.min(size - 1, Math.max(0, x));
  return Array.from({ length: output }, (_, to) => to).every((to) => {
    const step = alignCorners && output > 1 ? (size - 1) / (output - 1) : size / output;
    const own = halfPixelCenters ? (to + 0.5) * step - 0.5 : to * step;
    return Math.abs(inside(own) - inside(coordinate(scope, axis, to))) < 1e-5;
  });
}
