import { PerceptError, type Tracker } from '@percept/core';

/**
 * One tracker that hands everything to several. Each is told even when another fails; the first failure is thrown then.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for what is no tracker
 */
export function manyTrackers(...trackers: readonly Tracker[]): Tracker {
  const position = trackers.findIndex((tracker) => typeof tracker?.logMetrics !== 'function');
  if (position !== -1) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected trackers for manyTrackers() but number ${position + 1} has no function logMetrics`,
    );
  }
  const each = async (tell: (tracker: Tracker) => Promise<void>): Promise<void> => {
    const outcomes = await Promise.allSettled(trackers.map(async (tracker) => tell(tracker)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  };
  return {
    logParams: (params) => each((tracker) => tracker.logParams(params)),
    logMetrics: (metrics, step) => each((tracker) => tracker.logMetrics(metrics, step)),
    logArtifact: (path, bytes) => each((tracker) => tracker.logArtifact(path, bytes)),
  };
}
