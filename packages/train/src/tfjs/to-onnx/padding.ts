// TensorFlow's padding 'same' puts the odd row or column at the end, and depends on the size of the image; ONNX is told the
// pads in numbers.
import type { AttributeInput } from '@percept/onnx';

/** Where a window stands along the two axes of an image. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** `'same'` or `'valid'`. */
  readonly padding: string;
}

/** Attributes of Conv, MaxPool and AveragePool for images of the sizes `[H, W]`. */
export function windowAttributes(window: Window, sizes: readonly (number | null)[]): Record<string, AttributeInput> {
  const { kernel, strides, dilations, padding } = window;
  const common = { kernel_shape: kernel, strides, ...(dilations.every((step) => step === 1) ? {} : { dilations }) };
  if (padding !== 'same') return common;
  const pads = kernel.map((length, axis) => {
    const reach = (length - 1) * dilations[axis]! + 1;
    const size = sizes[axis];
    const stride = strides[axis]!;
    if (stride === 1) return reach - 1;
    return size == null ? undefined : Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  });
  // Sizes that are not known until an image comes: the rule itself, which ONNX has for this.
  if (pads.includes(undefined)) return { ...common, auto_pad: 'SAME_UPPER' };
  const before = pads.map((total) => Math.floor(total! / 2));
  return { ...common, pads: [...before, ...pads.map((total, axis) => total! - before[axis]!)] };
}
