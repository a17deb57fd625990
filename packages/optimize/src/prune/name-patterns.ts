import * as z from 'zod';

/** Which layers are meant: names of nodes or of their weights, or regular expressions that are found anywhere in them. */
export type LayerPatterns = readonly (string | RegExp)[];

/** The schema of {@link LayerPatterns}. */
export const layerPatternsSchema = z.array(z.union([z.string().min(1), z.instanceof(RegExp)]));

/** Whether one of the patterns means a layer of these names. */
export function meansLayer(patterns: LayerPatterns, ...names: readonly string[]): boolean {
  return patterns.some((pattern) =>
    names.some((name) => (typeof pattern === 'string' ? pattern === name : name.search(pattern) >= 0)),
  );
}
