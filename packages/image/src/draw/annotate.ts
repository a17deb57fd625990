import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { canvasOf } from './canvas.js';
import { type Color, classColor, requireColor } from './class-color.js';
import { defaultFont } from './default-font.js';
import { type Canvas, fill } from './fill.js';
import type { Font } from './font.js';
import { drawTag, placeTag, type Rectangle, tagSize } from './label.js';
import { maskBounds, paintClasses, paintMask } from './mask.js';
import { circle, frame, thickLine } from './outline.js';

/** A box around an object. */
export interface BoxAnnotation {
  /** Left, top, right, bottom in pixels (opposite corners in any order); parts outside the image are left out. */
  readonly box: ArrayLike<number>;
  /** What stands beside it. */
  readonly label?: string;
  /** 0..1, written after the label as per cent. A label stands by every box of which anything is seen. */
  readonly score?: number;
  /** Class index, which decides the colour. Default: the index of the annotation. */
  readonly classIndex?: number;
  /** A colour of its own. */
  readonly color?: Color;
}

/** The pixels of an object. */
export interface MaskAnnotation {
  /** `[H, W]` of the image, row-major: not 0 for pixels of the object. */
  readonly mask: ArrayLike<number>;
  readonly label?: string;
  readonly classIndex?: number;
  readonly color?: Color;
}

/** The joints of an object, such as a person's. */
export interface KeypointAnnotation {
  /** `[K]` points `[x, y]` in pixels; `null` for a joint that is not seen. */
  readonly points: readonly (readonly [x: number, y: number] | null)[];
  /** Pairs of point indices to join. */
  readonly skeleton?: readonly (readonly [from: number, to: number])[];
  readonly classIndex?: number;
  readonly color?: Color;
}

/** What {@link annotateImage} draws: masks first, then boxes, keypoints, and labels on top of everything. */
export interface Annotations {
  readonly boxes?: readonly BoxAnnotation[];
  readonly masks?: readonly MaskAnnotation[];
  readonly keypoints?: readonly KeypointAnnotation[];
  /** A class for each pixel, `[H, W]` row-major, each class in its own colour; `ignore` (default 0) stays as it is. */
  readonly classMap?: { readonly classes: ArrayLike<number>; readonly ignore?: number };
}

/** Options of {@link annotateImage}. */
export interface AnnotateOptions {
  /** Thickness of lines in pixels. Default: by the size of the image, at least 2. */
  thickness?: number;
  /** Size of letters (the em) in pixels. Default: by the size of the image, at least 12. */
  fontSize?: number;
  /** Shapes of letters. Default: DejaVu Sans Bold with Latin, Greek and Cyrillic; see {@link loadFont} for others. */
  font?: Font;
  /** How much masks cover, 0..1. Default 0.45. */
  maskOpacity?: number;
}

const schema = z.strictObject({
  thickness: z.optional(z.number().check(z.gt(0))),
  fontSize: z.optional(z.number().check(z.gte(4))),
  font: z.optional(
    z.custom<Font>((value) => typeof (value as Font | null)?.glyph === 'function', 'a font of loadFont()'),
  ),
  maskOpacity: z._default(z.number().check(z.gte(0), z.lte(1)), 0.45),
});

const list = z.optional(z.array(z.looseObject({})));
const annotationsSchema = z.strictObject({
  boxes: list,
  masks: list,
  keypoints: z.optional(z.array(z.looseObject({ points: z.array(z.any()) }))),
  classMap: z.optional(z.looseObject({})),
});

/**
 * Draws boxes, masks, keypoints and class maps with their labels on a copy of an image. Every class has its colour
 * ({@link classColor}); letters are black or white on it, as reads better. The same input gives the same bytes in Node
 * and browsers.
 *
 * @returns an RGB image, or RGBA when the given one has alpha
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, a mask of another size, a box that is not four
 *   finite numbers, a class, colour or score that is none, or options out of range
 */
export function annotateImage(
  image: Image,
  annotations: Annotations,
  options: AnnotateOptions = {},
): Image<Uint8Array<ArrayBuffer>> {
  const { font = defaultFont, maskOpacity, ...chosen } = parseOptions(schema, options, 'annotateImage() options');
  parseOptions(annotationsSchema, annotations, 'the annotations');
  const canvas = canvasOf(image);
  const shorter = Math.min(canvas.width, canvas.height);
  const size = chosen.fontSize ?? Math.max(12, Math.round(shorter / 32));
  const thickness = chosen.thickness ?? Math.max(2, Math.round(shorter / 250));
  const { boxes = [], masks = [], keypoints = [], classMap } = annotations;

  if (classMap) {
    checkMask(canvas, classMap.classes, 'classMap');
    paintClasses(canvas, classMap.classes, classMap.ignore ?? 0, maskOpacity);
  }
  const around = masks.map(({ mask, ...look }, index) => {
    checkMask(canvas, mask, `mask ${index}`);
    const bounds = maskBounds(mask, canvas.width, canvas.height);
    if (bounds) paintMask(canvas, mask, bounds, colorOf(look, index), maskOpacity);
    return bounds;
  });
  for (const [index, annotation] of boxes.entries()) {
    const { left, top, width, height } = rectangleOf(annotation, index);
    fill(canvas, frame(left, top, left + width, top + height, thickness), colorOf(annotation, index));
  }
  for (const [index, annotation] of keypoints.entries())
    drawKeypoints(canvas, annotation, colorOf(annotation, index), thickness);

  const taken: Rectangle[] = [];
  const label = (text: string, around: Rectangle, color: Color): void => {
    const place = placeTag(canvas, tagSize(canvas, text, size, font), around, taken);
    taken.push(place);
    drawTag(canvas, text, place, { size, font, color });
  };
  for (const [index, annotation] of masks.entries()) {
    const bounds = around[index];
    if (bounds && annotation.label) label(annotation.label, bounds, colorOf(annotation, index));
  }
  for (const [index, annotation] of boxes.entries()) {
    const text = textOf(annotation, index);
    const around = rectangleOf(annotation, index);
    if (text !== '' && isSeen(around, canvas)) label(text, around, colorOf(annotation, index));
  }
  return canvas;
}

/** Whether any of a box lies in the image. A label that stands for none of it would only mislead. */
function isSeen({ left, top, width, height }: Rectangle, canvas: Canvas): boolean {
  return left <= canvas.width && top <= canvas.height && left + width >= 0 && top + height >= 0;
}

function textOf({ label = '', score }: BoxAnnotation, index: number): string {
  if (score === undefined) return label;
  if (!Number.isFinite(score)) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected 0..1 for the score of box ${index} but received ${score}`);
  }
  return `${label} ${Math.round(score * 100)} %`.trim();
}

function colorOf({ color, classIndex }: { color?: Color; classIndex?: number }, index: number): Color {
  return color ? requireColor(color, `annotation ${index}`) : classColor(classIndex ?? index);
}

function rectangleOf({ box }: BoxAnnotation, index: number): Rectangle {
  const corners = Array.from(box ?? []);
  const [left, top, right, bottom] = corners;
  if (corners.length !== 4 || !corners.every(Number.isFinite)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected four finite numbers (left, top, right, bottom) for box ${index} but received ${corners.join(', ')}`,
    );
  }
  const [x, y] = [Math.min(left!, right!), Math.min(top!, bottom!)];
  return { left: x, top: y, width: Math.abs(right! - left!), height: Math.abs(bottom! - top!) };
}

function drawKeypoints(
  canvas: Canvas,
  { points, skeleton = [] }: KeypointAnnotation,
  color: Color,
  thickness: number,
): void {
  for (const [from, to] of skeleton) {
    const [a, b] = [points[from], points[to]];
    if (a && b) fill(canvas, [thickLine(a[0], a[1], b[0], b[1], thickness)], color);
  }
  for (const point of points) {
    if (!point) continue;
    const [x, y] = point;
    // A dark rim keeps a point visible on its own colour.
    fill(canvas, [circle(x, y, thickness * 1.9)], [20, 20, 20]);
    fill(canvas, [circle(x, y, thickness * 1.4)], color);
  }
}

function checkMask({ width, height }: Canvas, mask: ArrayLike<number>, name: string): void {
  if (mask?.length === width * height) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected ${width} × ${height} pixels, as the image has, for ${name} but received ${mask?.length ?? 'none'}`,
  );
}
