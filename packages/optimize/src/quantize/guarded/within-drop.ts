import type { Feeds } from '../calibration/calibration-data.js';
import type { Candidate, Candidates } from './candidate.js';
import { layerSensitivity } from './layer-sensitivity.js';
import { count } from './without-unfused.js';

/**
 * The candidate with the fewest layers in float whose score is at least `least`; layers go back to float in the order of
 * what they cost alone, and bisection finds how many. `undefined` when only the float model is good enough.
 */
export async function withinDrop(
  candidates: Candidates,
  candidate: Candidate,
  least: number,
  feeds: readonly Feeds[],
): Promise<Candidate | undefined> {
  if (candidate.score === undefined || candidate.score >= least) return candidate;
  const { calibration, runtime, target, call } = candidates.options;
  const layers = await layerSensitivity(candidates.model, {
    ...{ calibration, runtime, target, data: each(feeds) },
    ...(call.signal === undefined ? {} : { signal: call.signal }),
    ...(call.onProgress === undefined ? {} : { onProgress: call.onProgress }),
  });
  const order = layers.filter(({ name }) => !candidate.kept.has(name));
  const without = (most: number): Promise<Candidate> => {
    const kept = new Map(candidate.kept);
    for (const { name, sqnr } of order.slice(0, most))
      kept.set(name, `it costs too much accuracy: ${sqnr.toFixed(1)} dB of signal to noise when it alone is quantized`);
    return candidates.make(`without the ${count(most)} that cost most`, kept);
  };
  // Without `few` layers the score is too low, without `many` it is good enough: without all of them it is float.
  let [few, many] = [0, order.length];
  let found: Candidate | undefined;
  while (many - few > 1) {
    const middle = (few + many) >> 1;
    const tried = await without(middle);
    if (tried.score! >= least) [many, found] = [middle, tried];
    else few = middle;
  }
  return found;
}

async function* each(feeds: readonly Feeds[]): AsyncIterable<Feeds> {
  yield* feeds;
}
