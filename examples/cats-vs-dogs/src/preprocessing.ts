import type { PreprocessSpec } from '@percept/core';
import { torchvisionPreset } from '@percept/image';
import { type Model, readMetadata } from '@percept/onnx';

export const preprocessNames = ['torchvision', 'tensorflow'] as const;
export type PreprocessName = (typeof preprocessNames)[number];

/** How the photos become the network's input: as its file says, or as a preset says. */
export function preprocessingOf(model: Model, name: PreprocessName | undefined): PreprocessSpec {
  const told = readMetadata(model).preprocess;
  if (name === undefined && told !== undefined) return told;
  const photo = torchvisionPreset();
  // The same crop of the photo, in other numbers.
  return name === 'tensorflow' ? { ...photo, scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] } : photo;
}
