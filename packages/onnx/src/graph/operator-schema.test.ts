import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isKnownDomain, operatorHistory, operatorNames, operatorSchema } from './operator-schema.js';

const recorded: { schemas: string[] } = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/onnx/operator-arity.json', import.meta.url), 'utf8'),
);

describe('operatorSchema', () => {
  it('knows every version of every operator that onnx knows, with its number of inputs and outputs', () => {
    const bound = (count: number): number => (count === Number.POSITIVE_INFINITY ? -1 : count);
    const ours = ['', 'ai.onnx.ml', 'ai.onnx.preview', 'ai.onnx.preview.training'].flatMap((domain) =>
      operatorNames(domain).flatMap((name) =>
        operatorHistory(domain, name).map((schema) =>
          [
            domain,
            name,
            schema.sinceVersion,
            schema.minInputs,
            bound(schema.maxInputs),
            schema.minOutputs,
            bound(schema.maxOutputs),
          ].join('|'),
        ),
      ),
    );
    expect(ours.sort()).toEqual([...recorded.schemas].sort());
  });

  it('gives the version that holds in an operator set', () => {
    expect(operatorSchema('', 'Softmax', 12)?.sinceVersion).toBe(11);
    expect(operatorSchema('ai.onnx', 'Softmax', 13)?.attributes.get('axis')).toEqual({
      name: 'axis',
      kind: 'int',
      required: false,
      default: -1,
    });
    expect(operatorSchema('', 'Gelu', 19)).toBeUndefined();
    expect(operatorSchema('', 'Upsample', 10)?.deprecated).toBe(true);
    const resize = operatorSchema('', 'Resize', 19)!;
    expect(resize.inputs.map(({ name, kind, type }) => `${name} ${kind} ${type}`)).toEqual([
      'X single T1',
      'roi optional T2',
      'scales optional float32',
      'sizes optional int64',
    ]);
    expect(resize.typeConstraints.get('T2')).toEqual(new Set(['float16', 'float32', 'float64']));
    expect(operatorSchema('com.microsoft', 'QLinearAdd', 1)?.minInputs).toBe(7);
    expect([isKnownDomain('ai.onnx'), isKnownDomain('org.example'), isKnownDomain('toString')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
