import type { GraphBuilder } from '@percept/onnx';

/** A value between layers, and how ONNX has it. */
export interface LayerValue {
  /** Name of the ONNX value. Images are `[N, C, H, W]` there, everything else is as the layers have it. */
  readonly name: string;
  /** Shape as the layers have it, the batch first; `null` where a size is not known. */
  readonly shape: readonly (number | null)[];
  /**
   * Set on flattened images, whose numbers ONNX has in the order of `[C, H, W]` and the layers in that of `[H, W, C]`: the
   * sizes `[H, W, C]`. Weights of what follows are ordered accordingly; no Transpose is needed for that.
   */
  readonly flattened?: readonly [height: number, width: number, channels: number];
}

/** Where images have their axes: as the layers of the model say (`dataFormat`). ONNX always has `[N, C, H, W]`. */
export interface ImageAxes {
  /** ONNX axis of each axis of the layers. */
  readonly toOnnx: readonly number[];
  /** The layers' axis of each ONNX axis. */
  readonly fromOnnx: readonly number[];
}

export const channelsLast: ImageAxes = { toOnnx: [0, 2, 3, 1], fromOnnx: [0, 3, 1, 2] };
export const channelsFirst: ImageAxes = { toOnnx: [0, 1, 2, 3], fromOnnx: [0, 1, 2, 3] };

/** The ONNX axis of an axis of the layers, which may count from the end. */
export function onnxAxis({ shape }: LayerValue, axis: number, axes: ImageAxes): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  return shape.length === 4 ? axes.toOnnx[positive]! : positive;
}

/** Sizes `[C, H, W]` of images. */
export function imageSizes({ shape }: LayerValue, axes: ImageAxes): (number | null)[] {
  return axes.fromOnnx.slice(1).map((axis) => shape[axis]!);
}

/** Whether a row of numbers is the same in the order `[C, H, W]` and in that of the layers. */
export function isOrderFree(sizes: readonly (number | null)[], axes: ImageAxes): boolean {
  const [channels, height, width] = sizes;
  return axes === channelsFirst || channels === 1 || (height === 1 && width === 1);
}

/** The value in the order of the layers: a flattened image is brought to it, which costs a Transpose. */
export function inLayerOrder(
  g: GraphBuilder,
  value: LayerValue,
  shapeConstant: (dims: number[]) => string,
): LayerValue {
  const { name, shape, flattened } = value;
  if (flattened === undefined) return value;
  const [height, width, channels] = flattened;
  const images = g.node('Reshape', [name, shapeConstant([0, channels, height, width])]);
  const reordered = g.node('Transpose', [images], { perm: [0, 2, 3, 1] });
  return { name: g.node('Flatten', [reordered], { axis: 1 }), shape };
}
