// What learning begins with: a network that has seen many pictures already, or an empty small one.
import type { PreprocessSpec } from '@percept/core';
import { type Model, readMetadata, readModel } from '@percept/onnx';
import { type Freezing, freeze, fromOnnx, headParameters, replaceHead, smallCnn } from '@percept/train';
import { PlainError } from './plain-error.js';

/** Which numbers a network without a note of its own expects for the darkest and the lightest pixel. */
export type PixelRange = 'imagenet' | 'minus-one-to-one';

/** What is known of the weights that are kept. */
export interface StartingNote {
  /** For people: `MobileNetV2, pretrained`. */
  readonly name: string;
  readonly pixels: PixelRange;
  /** Whether there are no weights: a small network learns from nothing. */
  readonly untaught?: boolean;
}

/** A model that is ready to be taught. */
export interface StartingPoint {
  readonly model: Model;
  readonly preprocess: PreprocessSpec;
  /** What stays as it is; everything is taught where it is missing. */
  readonly freezing?: Freezing;
}

const smallNetSize = 48;

/** A small network without any knowledge. */
export function untaughtStart(classes: number): StartingPoint {
  const model = smallCnn({ classes, channels: 3, size: smallNetSize, width: 16 });
  return { model, preprocess: squareSpec(smallNetSize, 'minus-one-to-one') };
}

/**
 * A pretrained classifier with a new last layer; all other layers stay.
 *
 * @throws PlainError when the file is no classifier of colour pictures
 */
export function pretrainedStart(bytes: Uint8Array, classes: number, pixels: PixelRange): StartingPoint {
  const { model: given, preprocess } = openWeights(bytes, pixels);
  const model = replaceHead(given, { classes });
  return { model, preprocess, freezing: freeze(model, '*', { except: headParameters(model) }) };
}

/** Looks at a file of weights and says in words what is wrong with it. */
export function openWeights(bytes: Uint8Array, pixels: PixelRange): { model: Model; preprocess: PreprocessSpec } {
  let model: Model;
  try {
    model = fromOnnx(readModel(bytes));
    headParameters(model);
  } catch (error) {
    throw new PlainError(
      `This file cannot be taught: it is no ONNX classifier that the page understands. (${(error as Error).message})`,
    );
  }
  const [, channels, height = 224, width = 224] = model.graph.inputs[0]!.dims ?? [];
  if (channels !== 3 || typeof height !== 'number' || height !== width) {
    throw new PlainError(
      `This file cannot be taught: it expects ${[channels, height, width].join(' × ')}, not square colour pictures.`,
    );
  }
  return { model, preprocess: readMetadata(model).preprocess ?? squareSpec(height, pixels) };
}

/** The square in the middle, `size` pixels wide: right for the page's own pictures and for any other. */
function squareSpec(size: number, pixels: PixelRange): PreprocessSpec {
  const normalization =
    pixels === 'imagenet'
      ? { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
      : { scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] };
  return {
    color: 'rgb',
    resize: { mode: 'shorter-side', size },
    crop: { width: size, height: size },
    ...normalization,
  };
}
