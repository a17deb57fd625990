import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readModel } from '../read-model.js';
import type { ElementType } from './element-type.js';
import { evaluateModel } from './evaluate.js';
import { asTensor, fromBigInts, fromNumbers, numbers, type TensorValue } from './value.js';

interface Stored {
  readonly name: string;
  readonly type: string;
  readonly dims: number[];
  readonly data: (number | string | boolean)[];
}

interface OperatorCase {
  readonly name: string;
  readonly tool: string;
  readonly model: string;
  readonly inputs: readonly Stored[];
  readonly outputs: readonly Stored[];
}

const recorded = JSON.parse(
  // Integers beyond 2^53 stay exact as strings.
  readFileSync(new URL('../../../../test/goldens/onnx/operator-cases.json', import.meta.url), 'utf8').replaceAll(
    /(?<=[[,])-?\d{16,}(?=[\],])/g,
    '"$&"',
  ),
) as { onnxruntime: string; cases: OperatorCase[] };

function toTensor({ type, dims, data }: Stored): TensorValue {
  if (type.includes('int64'))
    return fromBigInts(
      type as ElementType,
      dims,
      data.map((value) => BigInt(value)),
    );
  const values = data.map((value) => (value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value)));
  return fromNumbers(type as ElementType, dims, values);
}

describe(`operators as onnxruntime ${recorded.onnxruntime} computes them`, () => {
  for (const { name, model, inputs, outputs } of recorded.cases) {
    it(name, async () => {
      const feeds = Object.fromEntries(inputs.map((input) => [input.name, toTensor(input)]));
      const answers = await evaluateModel(readModel(Buffer.from(model, 'base64')), feeds);
      for (const output of outputs) {
        const answer = asTensor(answers[output.name]);
        const expected = toTensor(output);
        expect([answer.type, answer.dims]).toEqual([expected.type, expected.dims]);
        if (/int|bool/.test(expected.type)) {
          expect(answer.data).toEqual(expected.data);
          continue;
        }
        const [given, wanted] = [numbers(answer), numbers(expected)];
        const tolerance = expected.type === 'float16' ? 1e-3 : 1e-5;
        const off = [...wanted.keys()].filter((at) => {
          const [a, b] = [given[at]!, wanted[at]!];
          return !(Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * (1 + Math.abs(b)));
        });
        expect(off.map((at) => `${at}: ${given[at]} instead of ${wanted[at]}`)).toEqual([]);
      }
    });
  }
});
