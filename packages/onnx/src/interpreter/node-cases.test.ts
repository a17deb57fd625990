import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeCases, type StoredSuite } from '../../../../test/onnx-suite/cases.js';
import { judge, judgeError, type Outcome } from '../../../../test/onnx-suite/outcome.js';
import { readModel } from '../read-model.js';
import { evaluateModel } from './evaluate.js';

function recorded(name: string) {
  const packed = gunzipSync(readFileSync(new URL(`../../../../test/goldens/onnx/${name}.gz`, import.meta.url)));
  const indexLength = packed.readUInt32LE(0);
  const suite = JSON.parse(packed.toString('utf8', 4, 4 + indexLength)) as StoredSuite;
  return { ...suite, cases: decodeCases(suite, packed.subarray(4 + indexLength)) };
}

// Every backend node case of the onnx package that is small, and what those leave out as onnxruntime computes it.
describe.each(['node-cases', 'basic-cases'])('the interpreter on the recorded %s', (name) => {
  const { cases } = recorded(name);
  const families = new Map<string, typeof cases>();
  for (const suiteCase of cases) {
    const family = suiteCase.name.split('_')[1]!;
    families.set(family, [...(families.get(family) ?? []), suiteCase]);
  }

  it('is asked a lot', () => expect(cases.length).toBeGreaterThan(150));

  it.each([...families])('answers %s', async (_, family) => {
    const outcomes: Outcome[] = [];
    for (const suiteCase of family) {
      outcomes.push(
        await evaluateModel(readModel(suiteCase.model), suiteCase.inputs).then(
          (answers) => judge(suiteCase, answers),
          (error) => judgeError(suiteCase.name, error),
        ),
      );
    }
    expect(outcomes.filter(({ result }) => result === 'failed')).toEqual([]);
    const unsupported = outcomes.filter(({ result }) => result === 'unsupported').map(({ name }) => name);
    expect(unsupported.filter((name) => !/bernoulli|training_dropout|image_decoder/.test(name))).toEqual([]);
  });
});
