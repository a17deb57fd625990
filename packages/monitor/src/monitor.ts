import {
  type Distribution,
  type MonitorReport,
  type PredictionObserver,
  type PropertyDrift,
  parseOptions,
  type ReferenceProfile,
} from '@percept/core';
import * as z from 'zod/mini';
import { imageProperties } from './image-properties.js';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
import { populationStabilityIndex } from './population-stability-index.js';
import { scoreStep, significant } from './precision.js';
import { usableProfile } from './profile-schema.js';

/** Options of {@link createMonitor}. */
export interface MonitorOptions {
  /** Latest predictions that are looked at, 10..100000. Default 500. */
  window?: number;
  /** Predictions in the window before it is judged, 10..window. Default 100, or the window if that is smaller. */
  minimum?: number;
}

/** Watches predictions for drift. */
export interface Monitor extends PredictionObserver {
  modelChanged(model: { readonly name: string; readonly version: number }, profile: ReferenceProfile | undefined): void;
  /** Empties the window; model and profile stay. */
  reset(): void;
}

const schema = z.strictObject({
  window: z._default(z.int().check(z.minimum(10), z.maximum(100_000)), 500),
  minimum: z.optional(z.int().check(z.minimum(10))),
});

/** Mean PSI above which the status is `moderate-drift`, and `major-drift`. */
const moderate = 0.1;
const major = 0.25;

/** What one prediction adds to the window. */
interface Observation {
  readonly properties: Readonly<Record<string, number>>;
  readonly scores: Readonly<Record<string, number>>;
}

/**
 * Watches the latest predictions for drift against the profile inside the model, which `modelChanged` hands over. Another
 * model empties the window.
 *
 * For every image property and every class score of the profile the report has the population stability index and the
 * Kolmogorov–Smirnov test of the window against the reference. `meanPsi` is the mean PSI over all of them, image
 * properties and class scores alike, and decides the status: above 0.1 `moderate-drift`, above 0.25 `major-drift`.
 *
 * `observe` measures the image and stores a few numbers, in bounded time for any image size. Values that are not finite
 * are not counted, nor are the scores of another model than the announced one (a fallback, or one that was just
 * replaced); what has fewer values than `minimum` is not in the report. A profile of another form counts as none.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function createMonitor(options: MonitorOptions = {}): Monitor {
  const { window, minimum = Math.min(100, window) } = parseOptions(schema, options, 'createMonitor() options');
  parseOptions(z.int().check(z.maximum(window)), minimum, 'minimum of createMonitor() options');
  let observations: Observation[] = [];
  let next = 0;
  let model: { readonly name: string; readonly version: number } | undefined;
  let profile: ReferenceProfile | undefined;

  const reset = (): void => {
    observations = [];
    next = 0;
  };
  const drifts = (
    references: Readonly<Record<string, Distribution>>,
    kind: keyof Observation,
  ): Record<string, PropertyDrift> => {
    const judged: [string, PropertyDrift][] = [];
    for (const [name, reference] of Object.entries(references)) {
      const values = observations.map((one) => one[kind][name] ?? Number.NaN).filter(Number.isFinite);
      if (values.length >= minimum) judged.push([name, driftOf(reference, values)]);
    }
    return Object.fromEntries(judged);
  };

  return {
    observe({ image, labels, scores, model: answering }) {
      const measured = Object.entries(imageProperties(image)).map(([name, value]) => [name, significant(value)]);
      const known = model === undefined || (model.name === answering.name && model.version === answering.version);
      const scored = known ? labels.map((label, i) => [label, scoreStep(scores[i] ?? Number.NaN)]) : [];
      observations[next] = { properties: Object.fromEntries(measured), scores: Object.fromEntries(scored) };
      next = (next + 1) % window;
    },
    async report(): Promise<MonitorReport> {
      const images = observations.length;
      const unknown = { images, meanPsi: null, properties: {}, scores: {} };
      if (profile === undefined) return { ...unknown, status: 'no-profile' };
      const properties = drifts(profile.properties, 'properties');
      const scores = drifts(profile.scores, 'scores');
      const indices = [...Object.values(properties), ...Object.values(scores)].map(({ psi }) => psi);
      if (indices.length === 0) return { ...unknown, status: 'warming-up' };
      const meanPsi = indices.reduce((sum, psi) => sum + psi, 0) / indices.length;
      const status = meanPsi > major ? 'major-drift' : meanPsi > moderate ? 'moderate-drift' : 'stable';
      return { images, status, meanPsi, properties, scores };
    },
    modelChanged(changed, itsProfile) {
      if (model?.name !== changed.name || model.version !== changed.version) reset();
      model = { name: changed.name, version: changed.version };
      profile = usableProfile(itsProfile);
    },
    reset,
  };
}

function driftOf(reference: Distribution, values: readonly number[]): PropertyDrift {
  const { statistic, pValue } = kolmogorovSmirnov(reference, values);
  return {
    psi: populationStabilityIndex(reference, values),
    ks: statistic,
    pValue,
    referenceMean: reference.mean,
    currentMean: values.reduce((sum, value) => sum + value, 0) / values.length,
  };
}
