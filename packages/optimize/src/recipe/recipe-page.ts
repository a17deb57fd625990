import { parseOptions } from '@percept/core';
import { htmlPage, linePlot, type Plot } from '@percept/report';
import * as z from 'zod';
import type { OptimizationResult, OptimizedModel } from './optimize-for.js';

/** Options of {@link recipePage}. */
export interface RecipePageOptions {
  /** Default `Ways to a smaller model`. */
  readonly title?: string;
}

const schema = z.strictObject({ title: z.string().default('Ways to a smaller model') });

/**
 * What `optimizeFor` found as one HTML page that opens without network: the front drawn, all candidates in a table, and the
 * recipe of the best as JSON.
 *
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function recipePage(result: OptimizationResult, options: RecipePageOptions = {}): string {
  const { title } = parseOptions(schema, options, 'recipePage() options');
  const { best, missed, models, failed } = result;
  return htmlPage({
    title,
    sections: [
      { text: best === undefined ? `Nothing reaches the target: ${missed}.` : `The best: ${best.name}.` },
      { heading: 'Score against latency', plot: frontPlot(models) },
      { heading: 'All candidates', table: models.map(rowOf) },
      ...failed.map(({ name, reason }) => ({ text: `Could not be carried out: ${name}. ${reason}` })),
      ...(best?.recipe === undefined ? [] : [{ heading: 'Recipe', text: JSON.stringify(best.recipe) }]),
    ],
  });
}

/** Score against latency, one point for a model, and the front of those that no other one beats. */
export function frontPlot(models: readonly OptimizedModel[]): Plot {
  const place = ({ latency, score }: OptimizedModel) => [latency, score] as const;
  const front = models.filter(({ onFront }) => onFront).sort((a, b) => a.latency - b.latency);
  return linePlot({
    title: 'Score against latency',
    x: { label: 'median latency (ms)' },
    y: { label: 'score' },
    series: [
      ...models.map((model) => ({ name: model.name, points: [place(model)] })),
      { name: 'front', points: front.map(place) },
    ],
  });
}

function rowOf({ name, score, latency, speedup, bytes, onFront }: OptimizedModel): Record<string, string> {
  return {
    model: name,
    score: score.toFixed(4),
    'latency ms': latency.toFixed(2),
    'times faster': speedup.toFixed(2),
    kB: (bytes / 1000).toFixed(0),
    front: onFront ? 'yes' : '',
  };
}
