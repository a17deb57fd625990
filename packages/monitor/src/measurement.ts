import type { Image } from '@percept/core';
import { significant } from './distribution.js';
import { type ImageProperties, imageProperties } from './image-properties.js';

/** The image properties that profiles and monitors hold, in their order. */
export const propertyNames = [
  'brightness',
  'contrast',
  'sharpness',
  'width',
  'height',
] as const satisfies readonly (keyof ImageProperties)[];

/** Image properties in the order of {@link propertyNames}, to the 5 digits that profiles keep, so that ties stay ties. */
export function measureProperties(image: Image): number[] {
  const properties = imageProperties(image);
  return propertyNames.map((name) => significant(properties[name], 5));
}

/**
 * A score to 4 decimals. Most scores of a confident model lie within that of 0 or 1, where differences come from
 * arithmetic (another processor, 8-bit weights) and not from pictures.
 */
export function roundScore(score: number): number {
  return Math.round(score * 10_000) / 10_000;
}
