// Every operator that the interpreter computes, by domain. A kernel is the export of a family file that has its name.
import type { Kernel } from '../kernel.js';
import * as math from './math.js';

/** Kernels by domain and operator. */
export const kernels: Readonly<Record<string, Readonly<Record<string, Kernel>>>> = {
  '': { ...math },
};

/** Names of the operators that the interpreter computes, sorted; those outside the standard domain as `domain.name`. */
export function supportedOperators(): string[] {
  return Object.entries(kernels)
    .flatMap(([domain, family]) => Object.keys(family).map((name) => (domain === '' ? name : `${domain}.${name}`)))
    .sort();
}
