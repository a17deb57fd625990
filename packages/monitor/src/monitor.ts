import {
  type Distribution,
  type MonitorReport,
  type PredictionEvent,
  type PredictionObserver,
  type PropertyDrift,
  parseOptions,
  type ReferenceProfile,
} from '@percept/core';
import * as z from 'zod/mini';
import { measureProperties, propertyNames, roundScore } from './measurement.js';
import { isDistribution, populationStabilityIndex, samplingStabilityIndex } from './population-stability.js';
import { referenceTest } from './reference-test.js';

/** What {@link createMonitor} may be told. */
export interface MonitorOptions {
  /** Latest predictions that drift is judged over, at least 1; default 500. */
  readonly window?: number;
  /** Predictions in the window before drift is judged, 1..`window`; default 100, or `window` where that is less. */
  readonly minimum?: number;
}

/** Watches predictions for drift. */
export interface Monitor extends PredictionObserver {
  observe(event: PredictionEvent): void;
  report(): Promise<MonitorReport>;
  modelChanged(model: { readonly name: string; readonly version: number }, profile: ReferenceProfile | undefined): void;
  /** Forgets all predictions; the model and its profile stay. */
  reset(): void;
}

/** Mean PSI above which drift is moderate, and major, by convention. */
const moderate = 0.1;
const major = 0.25;

const schema = z
  .strictObject({
    window: z._default(z.int().check(z.minimum(1), z.maximum(1_000_000)), 500),
    minimum: z.optional(z.int().check(z.minimum(1))),
  })
  .check(z.refine(({ window, minimum }) => minimum === undefined || minimum <= window, 'minimum up to window'));

/**
 * Judges over a sliding window whether pictures and class scores still look as in the profile inside the model.
 *
 * Per image property and class, `psi` is the population stability index less what sampling alone gives for so many
 * values (and not below 0), so that a small window does not cry wolf; `ks` and `pValue` are of the two-sample
 * Kolmogorov–Smirnov test against the profile's quantiles and edges. `status` goes by the mean PSI of them all: up to
 * 0.1 stable, up to 0.25 moderate drift, above that major drift.
 *
 * The window starts anew when another model is put into service, and only predictions of that model count: those that
 * a fallback answers are not compared with another model's profile.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when an option is out of range
 */
export function createMonitor(options: MonitorOptions = {}): Monitor {
  const { window, minimum = Math.min(100, window) } = parseOptions(schema, options, 'createMonitor() options');
  return new WindowMonitor(window, minimum);
}

/** What is kept of a prediction. */
interface Observation {
  readonly properties: readonly number[];
  readonly labels: readonly string[];
  readonly scores: Float64Array;
}

class WindowMonitor implements Monitor {
  readonly #window: number;
  readonly #minimum: number;
  #observations: Observation[] = [];
  /** Where the next observation goes once the window is full. */
  #next = 0;
  #model: { readonly name: string; readonly version: number } | undefined;
  #profile: ReferenceProfile | undefined;

  constructor(window: number, minimum: number) {
    this.#window = window;
    this.#minimum = minimum;
  }

  observe({ model, image, labels, scores }: PredictionEvent): void {
    if (this.#model !== undefined && (model.name !== this.#model.name || model.version !== this.#model.version)) return;
    this.#observations[this.#next] = {
      properties: measureProperties(image),
      labels,
      scores: Float64Array.from(scores, roundScore),
    };
    this.#next = (this.#next + 1) % this.#window;
  }

  modelChanged(
    model: { readonly name: string; readonly version: number },
    profile: ReferenceProfile | undefined,
  ): void {
    this.#model = model;
    this.#profile = profile;
    this.reset();
  }

  reset(): void {
    this.#observations = [];
    this.#next = 0;
  }

  async report(): Promise<MonitorReport> {
    const images = this.#observations.length;
    const nothing = { images, meanPsi: null, properties: {}, scores: {} };
    if (this.#profile === undefined) return { status: 'no-profile', ...nothing };
    if (images < this.#minimum) return { status: 'warming-up', ...nothing };
    const properties = this.#drifts(this.#profile.properties, propertyReader);
    const scores = this.#drifts(this.#profile.scores, scoreReader);
    const indices = [...Object.values(properties), ...Object.values(scores)].map(({ psi }) => psi);
    if (indices.length === 0) return { status: 'no-profile', ...nothing };
    const meanPsi = indices.reduce((sum, psi) => sum + psi, 0) / indices.length;
    const status = meanPsi > major ? 'major-drift' : meanPsi > moderate ? 'moderate-drift' : 'stable';
    return { images, status, meanPsi, properties, scores };
  }

  /** Drift of all that the profile describes and of which there are enough values. */
  #drifts(
    references: Readonly<Record<string, Distribution>>,
    reader: (name: string) => (seen: Observation) => number | undefined,
  ): Record<string, PropertyDrift> {
    const drifts = Object.entries(references).flatMap(([name, reference]) => {
      const read = reader(name);
      const values = Float64Array.from(this.#observations, (seen) => read(seen) ?? Number.NaN);
      const finite = values.filter(Number.isFinite).sort();
      return finite.length < this.#minimum || !isDistribution(reference) ? [] : [[name, drift(reference, finite)]];
    });
    return Object.fromEntries(drifts);
  }
}

function propertyReader(name: string): (seen: Observation) => number | undefined {
  const names: readonly string[] = propertyNames;
  const column = names.indexOf(name);
  return ({ properties }) => properties[column];
}

function scoreReader(label: string): (seen: Observation) => number | undefined {
  let known: readonly string[] | undefined;
  let column = -1;
  return ({ labels, scores }) => {
    // One model's predictions share their labels, so the search is done once.
    if (labels !== known) column = labels.indexOf(label);
    known = labels;
    return scores[column];
  };
}

function drift(reference: Distribution, sorted: Float64Array): PropertyDrift {
  const index = populationStabilityIndex(reference, sorted) - samplingStabilityIndex(reference, sorted.length);
  const { statistic, pValue } = referenceTest(reference, sorted);
  return {
    psi: Math.max(0, index),
    ks: statistic,
    pValue,
    referenceMean: reference.mean,
    currentMean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
  };
}
