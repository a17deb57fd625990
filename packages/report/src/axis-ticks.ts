// Where the ticks of logarithmic and time axes stand: ECharts has ticks at powers of ten alone, so that an axis from 0.3 to
// 0.9 would have none, and names times by the machine's time zone. Linear axes are left to it.

/** The ends of an axis and its ticks, ascending, all in the units of the data. */
export interface Ticks {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

/** What is asked of an axis: the values that must fit, and the ends that were chosen. */
export interface TickRequest {
  readonly values: Iterable<number>;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** How many ticks there is room for. */
  readonly room: number;
}

/** Multiples of the powers of ten that have ticks, from many to few. */
const densities = [[1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1]];

/** Ticks of a logarithmic axis, for values above 0: powers of ten, or what lies between them where those are too far apart. */
export function logTicks({ values, min, max, room }: TickRequest): Ticks {
  const [least, most] = extent(values, (value) => value > 0) ?? [min ?? (max ?? 10) / 10, max ?? (min ?? 1) * 10];
  const alone = least === most ? 1.02 : 1;
  const low = min ?? Math.min(least / alone, max === undefined ? least : max / 2);
  const high = max ?? Math.max(most * alone, low * 1.02);
  const span = high / low;
  const between = (candidates: readonly number[]): Ticks => {
    const start = min ?? candidates.findLast((tick) => tick <= low * (1 + 1e-12)) ?? low;
    const end = max ?? candidates.find((tick) => tick >= high * (1 - 1e-12)) ?? high;
    const inside = candidates.filter((tick) => tick >= start * (1 - 1e-12) && tick <= end * (1 + 1e-12));
    return { min: start, max: end, ticks: inside };
  };
  if (span < 2) return between(multiples(low, high, niceStep((high - low) / Math.max(2, room - 1))));
  const dense = densities.slice(span > 1000 ? 2 : span > 11 ? 1 : 0);
  const choices = dense.map((factors) => between(powers(low, high, factors)));
  const chosen = choices.find(({ ticks }) => ticks.length <= room) ?? choices.at(-1)!;
  const every = Math.ceil(chosen.ticks.length / room);
  return { ...chosen, ticks: chosen.ticks.filter((_, i) => i % every === 0) };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
// Weeks begin on Mondays; the epoch was a Thursday.
const monday = 4 * day;
const steps = [
  ...[1, 5, 15, 30].map((count) => count * second),
  ...[1, 5, 15, 30].map((count) => count * minute),
  ...[1, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14].map((count) => count * day),
];
const monthSteps = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

/** Ticks of a time axis in milliseconds since 1970, at whole seconds, hours, days, weeks, months or years of UTC. */
export function timeTicks({ values, min, max, room }: TickRequest): Ticks {
  const [least, most] = extent(values, () => true) ?? [0, day];
  const low = min ?? Math.min(least, max === undefined ? least : max - second);
  const high = max ?? Math.max(most, low + second);
  const step = steps.find((length) => (high - low) / length <= room);
  if (step !== undefined) {
    const offset = step >= 7 * day ? monday : 0;
    const first = Math.ceil((low - offset) / step) * step + offset;
    const count = Math.floor((high - first) / step) + 1;
    return { min: low, max: high, ticks: Array.from({ length: Math.max(0, count) }, (_, i) => first + i * step) };
  }
  const months = monthSteps.find((count) => (high - low) / (count * 30.4 * day) <= room) ?? 2400;
  const from = new Date(low);
  const begin = from.getUTCFullYear() * 12 + from.getUTCMonth();
  const ticks: number[] = [];
  for (let month = Math.ceil(begin / months) * months; ticks.length <= room + 1; month += months) {
    const tick = Date.UTC(Math.floor(month / 12), month % 12);
    if (!(tick <= high)) break;
    if (tick >= low) ticks.push(tick);
  }
  return { min: low, max: high, ticks };
}

/** A time of UTC as short as its ticks allow: `2026`, `2026-03`, `2026-03-01`, `14:30`, `14:30:05`. */
export function timeText(time: number, ticks: readonly number[]): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  const iso = date.toISOString().replace('.000Z', '');
  const [dates = '', clock = ''] = iso.split('T');
  const all = [...ticks, time];
  if (all.some((tick) => tick % minute !== 0)) return time % day === 0 ? dates : clock.replace('Z', '');
  if (all.some((tick) => tick % day !== 0)) return time % day === 0 ? dates : clock.slice(0, 5);
  const dayOf = (tick: number) => new Date(tick).toISOString().slice(8, 10);
  if (all.some((tick) => dayOf(tick) !== '01')) return dates;
  return all.every((tick) => new Date(tick).getUTCMonth() === 0) ? dates.slice(0, -6) : dates.slice(0, -3);
}

/** `2026-03-01 14:30:05 UTC`. */
export function fullTime(time: unknown): string {
  const date = new Date(Number(time));
  return Number.isNaN(date.getTime())
    ? '–'
    : date
        .toISOString()
        .replace('T', ' ')
        .replace(/(?:\.000)?Z/, ' UTC');
}

/** The next of 1, 2 or 5 times a power of ten that is at least as large. */
export function niceStep(size: number): number {
  const exponent = Math.floor(Math.log10(size));
  const candidates = [1, 2, 5, 10].map((factor) => factor * 10 ** exponent);
  return candidates.find((step) => step >= size * (1 - 1e-9)) ?? 10 ** (exponent + 1);
}

/** Multiples of a step, from the last one at or below `low` to the first one at or above `high`. */
export function multiples(low: number, high: number, step: number): number[] {
  const first = Math.floor(low / step + 1e-9);
  const count = Math.ceil(high / step - 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function powers(low: number, high: number, factors: readonly number[]): number[] {
  const [first, end] = [Math.floor(Math.log10(low)) - 1, Math.ceil(Math.log10(high)) + 1];
  const ticks: number[] = [];
  for (let exponent = first; exponent <= end; exponent++) {
    for (const factor of factors) ticks.push(Number(`${factor}e${exponent}`));
  }
  return ticks;
}

function extent(values: Iterable<number>, counts: (value: number) => boolean): [number, number] | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!counts(value) || !Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least <= most ? [least, most] : undefined;
}
