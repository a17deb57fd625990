import type { ReferenceProfile } from '@percept/core';
import * as z from 'zod/mini';

const ascending = (strictly: boolean) =>
  z.refine((values: readonly number[]) =>
    values.every((value, i) => i === 0 || value > values[i - 1]! || (!strictly && value === values[i - 1])),
  );
const distribution = z
  .object({
    count: z.int().check(z.minimum(1)),
    mean: z.number(),
    standardDeviation: z.number(),
    edges: z.array(z.number()).check(ascending(true)),
    shares: z.array(z.number().check(z.minimum(0))),
    quantiles: z.array(z.number()).check(z.minLength(2), ascending(false)),
  })
  .check(
    z.refine(({ edges, shares }) => shares.length === edges.length + 1),
    z.refine(({ shares }) => shares.some((share) => share > 0)),
  );
const schema = z.object({
  version: z.literal(1),
  images: z.int().check(z.minimum(1)),
  properties: z.record(z.string(), distribution),
  scores: z.record(z.string(), distribution),
});

/** The profile if it has the form that drift can be measured against. It comes from a file that anyone may have made. */
export function usableProfile(profile: unknown): ReferenceProfile | undefined {
  const parsed = schema.safeParse(profile);
  return parsed.success ? parsed.data : undefined;
}
