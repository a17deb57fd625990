import { isPerceptError } from '@percept/core';
import type { Value } from '@percept/onnx/backends/interpreter';
import type { SuiteCase } from './cases.js';
import { difference } from './compare.js';

/** Thrown where an engine cannot be asked at all: not a failure of what it computes. */
export class CannotAsk extends Error {}

/** How a case ended on an engine. */
export interface Outcome {
  readonly name: string;
  readonly result: 'passed' | 'unsupported' | 'failed';
  /** Why it did not pass, in words that cases of one cause share. */
  readonly cause?: string;
  /** What was said of this case alone. */
  readonly detail?: string;
}

/** Outcomes with a result, by cause, the most frequent cause first. */
export function byCause(outcomes: readonly Outcome[], result: Outcome['result']): [cause: string, group: Outcome[]][] {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    if (outcome.result !== result) continue;
    const cause = outcome.cause ?? '';
    groups.set(cause, [...(groups.get(cause) ?? []), outcome]);
  }
  return [...groups].sort(([a, x], [b, y]) => y.length - x.length || a.localeCompare(b));
}

/** Operators whose answers are random numbers: no two implementations draw the same, so only types and shapes count. */
const randomOperators = /bernoulli|training_dropout(?!.*zero_ratio)/;

/** Why onnxruntime answers otherwise where it does. A case that is named here still fails. */
const knownDifferences: readonly (readonly [pattern: RegExp, cause: string])[] = [
  [/dft/, 'computed in single: rounding noise where the terms cancel to 0, beyond the absolute tolerance of 1e-7'],
  [/stft/, 'computed in single: rounding noise where the terms cancel to 0, beyond the absolute tolerance of 1e-7'],
  [/align_corners/, 'align_corners from the output size as rounded to an integer; the reference takes it unrounded'],
  [
    /maxunpool_export_with_output_shape/,
    'indices are taken as those of the larger output_shape, not of the pooled input',
  ],
  [/attention.*fp16/, 'intermediate results are rounded to float16 in another order: two units in the last place'],
];

/** Judges the answers of an engine. */
export function judge(suiteCase: SuiteCase, answers: Readonly<Record<string, Value>>): Outcome {
  const { name } = suiteCase;
  const random = randomOperators.test(name);
  const tolerance = random ? { rtol: 0, atol: Number.POSITIVE_INFINITY } : suiteCase;
  for (const [output, expected] of Object.entries(suiteCase.outputs)) {
    const detail = difference(answers[output], expected, tolerance);
    if (detail === undefined) continue;
    const known = knownDifferences.find(([pattern]) => pattern.test(name));
    const cause = known?.[1] ?? `another ${detail.includes('[') ? 'type or shape' : 'value'} than expected`;
    return { name, result: 'failed', cause, detail: `${output}: ${detail}` };
  }
  if (random) return { name, result: 'unsupported', cause: 'random numbers, which no two implementations draw alike' };
  return { name, result: 'passed' };
}

/** What an engine says when it lacks an operator, an element type or a version; anything else is a failure. */
const refusals: readonly (readonly [pattern: RegExp, cause: string])[] = [
  [/Opset (\d+) is under development/, 'opset $1 is newer than the runtime knows'],
  [/Unsupported model IR version: (\d+)/, 'IR version $1 is newer than the runtime knows'],
  [/Could not find an implementation for ([^ (]+)\((\d+)\)/, 'no kernel for $1 of version $2 with these element types'],
  [/([\w.]+:?\w+)\(-?\d+\) is not a registered function\/op/, '$1 is not registered'],
  [/Unrecognized attribute: (\w+) for operator (\w+)/, 'the attribute $1 of $2 is not known'],
  [/Non per-tensor quantization is not supported/, 'ConvInteger with a zero point per channel is not implemented'],
  [/ReduceMax is not defined for empty set/, 'ReduceMax of an empty set of bool is not implemented'],
  [/Batchwise recurrent operations/, 'recurrent layers with layout 1 are not implemented'],
  [/No Op registered for ([\w.]+) with domain_version of (\d+)/, '$1 is not registered in opset $2'],
  [/No opset import for domain '?([\w.]+)'?/, 'domain $1 is not known'],
  [/Type Error: Type '([^']+)'.* is invalid/, 'the operator takes no $1'],
  [
    /ValidTypes|does not support type|unsupported data type|[Nn]ot implemented|NOT_IMPLEMENTED/,
    'not implemented in the runtime',
  ],
];

/** Judges an engine's error. */
export function judgeError(name: string, error: unknown): Outcome {
  const detail = oneLine((error as Error).message);
  if (error instanceof CannotAsk) return { name, result: 'unsupported', cause: detail };
  if (isPerceptError(error, 'ONNX_OPERATOR_UNSUPPORTED')) {
    const operator = /received ([\w.]+)\. Run/.exec(detail)?.[1];
    return { name, result: 'unsupported', cause: operator === undefined ? detail : `no kernel for ${operator}` };
  }
  for (const [pattern, cause] of refusals) {
    const found = pattern.exec(detail);
    if (found !== null) {
      return {
        name,
        result: 'unsupported',
        cause: cause.replace('$1', found[1] ?? '').replace('$2', found[2] ?? ''),
        detail,
      };
    }
  }
  if (/Failed to construct locale/.test(detail)) {
    return { name, result: 'failed', cause: 'the locale en_US.UTF-8 is not installed on this system', detail };
  }
  if (/Can't merge shape info/.test(detail)) {
    return {
      name,
      result: 'failed',
      cause: 'its shape inference contradicts the shape that the model declares',
      detail,
    };
  }
  return { name, result: 'failed', cause: commonPart(detail), detail };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The message without what is this case's own: paths, names, numbers. */
function commonPart(detail: string): string {
  return detail
    .replace(/^.*but it says: (Non-zero status code returned while )?/, '')
    .replace(/^.*\/(\w+)\.(cc|h):\d+ .* was false\. /, '$1: ')
    .replace(/test_\w+/g, 'the case')
    .replace(/0x[0-9a-f]+|\d+/g, 'n')
    .slice(0, 240);
}
