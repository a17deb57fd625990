import { describeValue, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';

/** Values of parameters, by name. */
export type Params = Readonly<Record<string, string | number | boolean>>;

const paramsSchema = z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()]));

/** Parameters of a run, of which each has one value for ever. */
export class ParamBook {
  readonly #known = new Map<string, string>();

  /** @param known - parameters recorded earlier, as text */
  constructor(known: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of known) this.#known.set(name, value);
  }

  /**
   * Adds parameters, all or none.
   *
   * @returns those that are new
   * @throws PerceptError `TRAIN_PARAM_CONFLICT` when one has another value already, `INVALID_ARGUMENT`
   */
  add(params: Params): [name: string, value: string][] {
    const given = Object.entries(parseOptions(paramsSchema, params, 'logParams() params'));
    const fresh: [string, string][] = [];
    for (const [name, value] of given) {
      const known = this.#known.get(name);
      if (known === undefined) fresh.push([name, String(value)]);
      else if (known !== String(value)) {
        throw new PerceptError(
          'TRAIN_PARAM_CONFLICT',
          `Expected ${known}, which is recorded already, for parameter ${name} but received ${value}. Log to another run, or leave the parameter as it was`,
          { details: { name, known, received: value } },
        );
      }
    }
    for (const [name, value] of fresh) this.#known.set(name, value);
    return fresh;
  }

  /** All parameters, in the order in which they came. */
  entries(): [name: string, value: string][] {
    return [...this.#known];
  }
}

/**
 * Checks what `logMetrics` was given; NaN and infinite values are fine.
 *
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function checkMetrics(metrics: Readonly<Record<string, number>>, step: number): void {
  if (!Number.isInteger(step) || step < 0) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected an integer of at least 0 for the step of logMetrics() but received ${describeValue(step)}`,
    );
  }
  for (const [name, value] of Object.entries(metrics)) {
    if (name !== '' && typeof value === 'number') continue;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a number under a name for metric ${JSON.stringify(name)} of logMetrics() but received ${describeValue(value)}`,
    );
  }
}
