import { parseOptions } from '@percept/core';
import * as z from 'zod';

/** How sparse a model is to be at each step of pruning and training in turns, counted from 0. */
export interface SparsitySchedule {
  /** Name and options, for records. */
  readonly description: string;
  /** Share of zeros, 0 ≤ x < 1. */
  at(step: number): number;
}

const sparsity = z.number().min(0).lt(1);

/** Options of {@link polynomialSparsity}. */
export interface PolynomialSparsityOptions {
  /** Share of zeros at the end, 0 ≤ x < 1. */
  final: number;
  /** Share of zeros at the beginning. Default 0. */
  initial?: number;
  /** Step until which it is `initial`. Default 0. */
  begin?: number;
  /** Step from which on it is `final`, above `begin`. */
  end: number;
  /** Exponent, above 0: 3 prunes much at first, when much can go, and less and less; 1 evenly. Default 3. */
  power?: number;
}

const polynomialSchema = z
  .strictObject({
    final: sparsity,
    initial: sparsity.default(0),
    begin: z.int().min(0).default(0),
    end: z.int().min(1),
    power: z.number().gt(0).default(3),
  })
  .refine(({ begin, end }) => begin < end, { path: ['end'], message: 'an end after begin' });

/**
 * Automated gradual pruning (Zhu & Gupta 2017, arXiv:1710.01878, equation 1): final + (initial - final) (1 - t)³ with t from
 * 0 at `begin` to 1 at `end`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function polynomialSparsity(options: PolynomialSparsityOptions): SparsitySchedule {
  const { final, initial, begin, end, power } = parseOptions(polynomialSchema, options, 'polynomialSparsity() options');
  return {
    description: `polynomialSparsity(${initial} → ${final}, steps ${begin}..${end}, power ${power})`,
    at(step) {
      const passed = Math.min(1, Math.max(0, (step - begin) / (end - begin)));
      return final + (initial - final) * (1 - passed) ** power;
    },
  };
}

/**
 * The same sparsity in every step.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a sparsity out of 0 ≤ x < 1
 */
export function constantSparsity(value: number): SparsitySchedule {
  const share = parseOptions(sparsity, value, 'constantSparsity() sparsity');
  return { description: `constantSparsity(${share})`, at: () => share };
}

/**
 * Dense until a step, and from that one on of the sparsity.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function oneShotSparsity(options: { sparsity: number; step: number }): SparsitySchedule {
  const schema = z.strictObject({ sparsity, step: z.int().min(0) });
  const parsed = parseOptions(schema, options, 'oneShotSparsity() options');
  return {
    description: `oneShotSparsity(${parsed.sparsity} from step ${parsed.step})`,
    at: (step) => (step < parsed.step ? 0 : parsed.sparsity),
  };
}
