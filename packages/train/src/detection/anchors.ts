// Anchors (SSD: default boxes) are the boxes that a detector's scores and offsets refer to. Everything here is in fractions
// of the image, 0..1, so that it holds at any resolution; overlaps do not change with the unit.
import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';

/** Width and height of anchors in fractions of the image, one list for every feature map, the finest first. */
export type AnchorShapes = readonly (readonly (readonly [width: number, height: number])[])[];

/** Options of {@link defaultBoxShapes}. */
export interface DefaultBoxOptions {
  /**
   * Aspect ratios (width by height) beside 1 of every feature map; each stands for its inverse too. A feature map with n
   * of them has 2 + 2n anchors at every position.
   */
  aspectRatios: readonly (readonly number[])[];
  /** Scale of the finest feature map's anchors, 0 < x. Default 0.15. */
  minRatio?: number;
  /** Scale of the coarsest feature map's anchors, above `minRatio`. Default 0.9. */
  maxRatio?: number;
  /** Scales of all feature maps and one more, instead of evenly spaced ones. */
  scales?: readonly number[];
  /** Whether sides longer than the image are cut to it. Default true. */
  clip?: boolean;
}

const ratio = z.number().gt(0);
const schema = z
  .strictObject({
    aspectRatios: z.array(z.array(ratio)).min(1),
    minRatio: ratio.optional(),
    maxRatio: ratio.optional(),
    scales: z.array(ratio).optional(),
    clip: z.boolean().optional(),
  })
  .refine(({ aspectRatios, scales }) => scales === undefined || scales.length === aspectRatios.length + 1, {
    path: ['scales'],
    message: 'one scale for every feature map, and one more',
  });

/**
 * The shapes of SSD's default boxes (Liu et al. 2016, arXiv:1512.02325, section 2.2), as
 * `torchvision.models.detection.anchor_utils.DefaultBoxGenerator` makes them.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function defaultBoxShapes(options: DefaultBoxOptions): AnchorShapes {
  const parsed = parseOptions(schema, options, 'defaultBoxShapes() options');
  const { aspectRatios, minRatio = 0.15, maxRatio = 0.9, clip = true } = parsed;
  const levels = aspectRatios.length;
  const spaced =
    levels === 1
      ? [minRatio, maxRatio]
      : [...aspectRatios.map((_, level) => minRatio + ((maxRatio - minRatio) * level) / (levels - 1)), 1];
  const scales = parsed.scales ?? spaced;
  const side = (value: number): number => (clip ? Math.min(value, 1) : value);
  return aspectRatios.map((ratios, level) => {
    const scale = scales[level]!;
    const between = Math.sqrt(scale * scales[level + 1]!);
    const squares: [number, number][] = [
      [side(scale), side(scale)],
      [side(between), side(between)],
    ];
    const others = ratios.flatMap((aspect): [number, number][] => {
      const [long, short] = [side(scale * Math.sqrt(aspect)), side(scale / Math.sqrt(aspect))];
      return [
        [long, short],
        [short, long],
      ];
    });
    return [...squares, ...others];
  });
}

/** Where anchors lie: the sizes of the feature maps and the shapes of the anchors at every position of each. */
export interface AnchorGrid {
  /** Height and width of the feature maps. */
  readonly maps: readonly (readonly [height: number, width: number])[];
  /** As many lists as feature maps. */
  readonly shapes: AnchorShapes;
}

/**
 * All anchors of a detector, `[anchors, 4]` as corners (left, top, right, bottom) in fractions of the image, in the order
 * of the detector's output: feature map by feature map, row by row, position by position, shape by shape. Anchors at the
 * border reach beyond the image.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when there are not as many lists of shapes as feature maps
 */
export function layAnchors({ maps, shapes }: AnchorGrid): Float32Array {
  if (maps.length !== shapes.length) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected anchor shapes for ${maps.length} feature maps but received them for ${shapes.length}`,
    );
  }
  const anchors = new Float32Array(4 * maps.reduce((sum, [h, w], level) => sum + h * w * shapes[level]!.length, 0));
  let at = 0;
  for (const [level, [height, width]] of maps.entries()) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [centreX, centreY] = [(x + 0.5) / width, (y + 0.5) / height];
        for (const [w, h] of shapes[level]!) {
          anchors.set([centreX - w / 2, centreY - h / 2, centreX + w / 2, centreY + h / 2], at);
          at += 4;
        }
      }
    }
  }
  return anchors;
}
