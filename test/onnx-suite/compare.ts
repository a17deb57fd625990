import { numbers, type TensorValue, type Value } from '@percept/onnx/backends/interpreter';

/** How exactly an answer must agree. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** How an answer differs from what is expected, in words; `undefined` when it agrees. */
export function difference(received: Value | undefined, expected: Value, tolerance: Tolerance): string | undefined {
  const given = unwrapped(received);
  const wanted = unwrapped(expected);
  if (given === undefined || wanted === undefined) {
    return given === wanted ? undefined : `Expected ${describe(wanted)} but received ${describe(given)}`;
  }
  if (given.kind === 'sequence' && wanted.kind === 'sequence') {
    if (given.items.length !== wanted.items.length) {
      return `Expected a sequence of ${wanted.items.length} but received ${given.items.length}`;
    }
    return wanted.items.map((item, at) => difference(given.items[at], item, tolerance)).find(Boolean);
  }
  if (given.kind === 'tensor' && wanted.kind === 'tensor') return tensorDifference(given, wanted, tolerance);
  return `Expected ${describe(wanted)} but received ${describe(given)}`;
}

/** The runner of the onnx package allows two units in the last place of bfloat16, whatever the case says. */
const twoBfloat16Units = 2 ** -6;

/** An optional that holds a value is compared as that value: the reference does not tell them apart. */
function unwrapped(value: Value | undefined): Exclude<Value, { kind: 'optional' }> | undefined {
  return value?.kind === 'optional' ? unwrapped(value.value) : value;
}

function describe(value: Value | undefined): string {
  return value?.kind === 'tensor' ? `${value.type} [${value.dims}]` : (value?.kind ?? 'nothing');
}

function tensorDifference(received: TensorValue, expected: TensorValue, { rtol, atol }: Tolerance): string | undefined {
  if (received.type !== expected.type || received.dims.join() !== expected.dims.join()) {
    return `Expected ${describe(expected)} but received ${describe(received)}`;
  }
  if (
    Array.isArray(expected.data) ||
    expected.data instanceof BigInt64Array ||
    expected.data instanceof BigUint64Array
  ) {
    const at = (expected.data as unknown[]).findIndex((value, index) => value !== received.data[index]);
    return at < 0 ? undefined : `Expected ${expected.data[at]} at ${at} but received ${received.data[at]}`;
  }
  const [given, wanted] = [numbers(received), numbers(expected)];
  const relative = expected.type === 'bfloat16' ? Math.max(rtol, twoBfloat16Units) : rtol;
  for (let at = 0; at < wanted.length; at++) {
    const [a, b] = [given[at]!, wanted[at]!];
    const same = Object.is(a, b) || a === b || Math.abs(a - b) <= atol + relative * Math.abs(b);
    if (!same) return `Expected ${b} at ${at} but received ${a}`;
  }
  return undefined;
}
