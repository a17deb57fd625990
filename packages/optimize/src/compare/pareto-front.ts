/**
 * Which of several things are on the Pareto front: those that no other one beats, by being no worse in any respect and
 * better in one. Equal ones are on it together.
 *
 * @param costs - `[things][respects]`, less is better; NaN is worse than everything
 */
export function paretoFront(costs: readonly (readonly number[])[]): boolean[] {
  const ranked = costs.map((row) => row.map((cost) => (Number.isNaN(cost) ? Number.POSITIVE_INFINITY : cost)));
  const beats = (one: readonly number[], other: readonly number[]) =>
    one.every((cost, at) => cost <= other[at]!) && one.some((cost, at) => cost < other[at]!);
  return ranked.map((row) => !ranked.some((other) => beats(other, row)));
}
