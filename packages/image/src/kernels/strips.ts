import { requireApart } from './kernel-options.js';
import { reserve, type Samples, view, write } from './runtime.js';

/** Small enough that a strip, its result and the kernel's tables stay in the first-level cache: copies then cost little. */
const stripBytes = 32_768;

/**
 * Runs a kernel that treats pixels one by one (or, with `unit` pixels at a time, rows) strip by strip, so that a large
 * image needs little scratch memory.
 *
 * @param units - how many pixels (or rows) there are in `source` and in `out`
 * @param parameters - arrays that the kernel reads, each put into an area of its own
 * @param kernel - called with the first byte of the strip and of its result, the strip's number of units, and the
 *   pointers of the parameters
 */
export function mapStrips(
  source: Uint8Array | Uint16Array | Float32Array,
  out: Uint8Array | Uint16Array | Float32Array,
  units: number,
  parameters: readonly Samples[],
  kernel: (from: number, to: number, units: number, parameters: readonly number[]) => void,
): void {
  requireApart(out, source, true);
  const inside = source.length / units;
  const outside = out.length / units;
  const widest = Math.max(inside * source.BYTES_PER_ELEMENT, outside * out.BYTES_PER_ELEMENT);
  const step = Math.min(units, Math.max(1, Math.floor(stripBytes / widest)));
  const [from, to, ...rest] = reserve(
    step * inside * source.BYTES_PER_ELEMENT,
    step * outside * out.BYTES_PER_ELEMENT,
    ...parameters.map(({ byteLength }) => byteLength),
  ) as [number, number, ...number[]];
  for (const [index, parameter] of parameters.entries()) write(rest[index]!, parameter);
  // Views made once: most of the time of a small strip would go into making more of them.
  const strip = view(from, source, step * inside);
  const result = view(to, out, step * outside);
  for (let first = 0; first < units; first += step) {
    const count = Math.min(step, units - first);
    strip.set(source.subarray(first * inside, (first + count) * inside));
    kernel(from, to, count, rest);
    out.set(count === step ? result : result.subarray(0, count * outside), first * outside);
  }
}
