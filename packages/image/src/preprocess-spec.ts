import { type PreprocessSpec, type PreprocessType, parseOptions } from '@percept/core';
import * as z from 'zod/mini';

const side = z.int().check(z.gte(1), z.lte(65_535));
const quality = {
  filter: z.optional(z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos', 'area'])),
  antialias: z.optional(z.boolean()),
};
const finite = z.number();
const schema = z
  .strictObject({
    color: z.enum(['gray', 'rgb', 'bgr']),
    resize: z.optional(
      z.discriminatedUnion('mode', [
        z.strictObject({ mode: z.literal('exact'), width: side, height: side, ...quality }),
        z.strictObject({ mode: z.literal('shorter-side'), size: side, ...quality }),
        z.strictObject({
          mode: z.literal('letterbox'),
          width: side,
          height: side,
          padValue: z.optional(z.int().check(z.gte(0), z.lte(255))),
          ...quality,
        }),
      ]),
    ),
    crop: z.optional(z.strictObject({ width: side, height: side })),
    scale: finite,
    mean: z.array(finite),
    std: z.array(finite.check(z.refine((value) => value !== 0, 'a number other than 0'))),
    layout: z.optional(z.enum(['NCHW', 'NHWC'])),
    dtype: z.optional(z.enum(['float32', 'float16', 'uint8', 'int8'])),
  })
  .check(
    z.superRefine((spec, context) => {
      const channels = channelsOf(spec.color);
      for (const field of ['mean', 'std'] as const) {
        if (spec[field].length === channels) continue;
        context.issues.push({
          code: 'custom',
          message: `${channels} ${channels === 1 ? 'value' : 'values'} (one per ${spec.color} channel)`,
          path: [field],
          input: spec[field],
        });
      }
    }),
  );

/** Channels of the tensor of a colour order. */
export function channelsOf(color: PreprocessSpec['color']): 1 | 3 {
  return color === 'gray' ? 1 : 3;
}

/**
 * Checks a preprocessing spec that comes from JSON, such as a model's metadata. Unknown fields are refused, because
 * ignoring one would preprocess in another way than was trained.
 *
 * @throws PerceptError `INVALID_ARGUMENT`, naming the offending field
 */
export function parsePreprocessSpec(json: unknown): PreprocessSpec<PreprocessType> {
  return parseOptions(schema, json, 'the preprocessing spec') as PreprocessSpec<PreprocessType>;
}

/**
 * The spatial size of the tensors that a spec makes, in pixels; `undefined` when it depends on the image (no resize, or
 * `shorter-side` without a crop).
 */
export function outputSize(
  spec: PreprocessSpec<PreprocessType>,
): { readonly width: number; readonly height: number } | undefined {
  if (spec.crop) return { width: spec.crop.width, height: spec.crop.height };
  if (spec.resize === undefined || spec.resize.mode === 'shorter-side') return undefined;
  return { width: spec.resize.width, height: spec.resize.height };
}
