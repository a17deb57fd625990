import { isPerceptError } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { checkTensorFlow } from './check-tensor-flow.js';
import { tf } from './tf.fixture.js';

const node = (version: string, util: Record<string, unknown> = {}) => ({
  versions: { node: version },
  getBuiltinModule: () => util,
});
const tfjsNode = { ...tf, getBackend: () => 'tensorflow' };
const withVersion = { ...tf, version: { 'tfjs-node': '4.22.0' } };

describe('TensorFlow.js that is handed in', () => {
  it('may be any build of it', () => {
    expect(checkTensorFlow(tf)).toBe(tf);
    expect(checkTensorFlow(tfjsNode, node('22.21.0'))).toBe(tfjsNode);
    expect(checkTensorFlow(tf, node('24.1.0'))).toBe(tf);
    expect(checkTensorFlow(tfjsNode, undefined)).toBe(tfjsNode);
  });

  it.each([tfjsNode, withVersion])('may not be tfjs-node in Node 23 or later', (given) => {
    expect(() => checkTensorFlow(given, node('24.1.0'))).toThrow(
      expect.toSatisfy(
        (error) => isPerceptError(error, 'TRAIN_TFJS_NODE_BROKEN') && /this is 24.1.0/.test(error.message),
      ),
    );
    // Somebody put the function back.
    expect(checkTensorFlow(given, node('24.1.0', { isNullOrUndefined: () => false }))).toBe(given);
  });

  it.each([undefined, {}, { default: tf }])('must be it: %s', (given) => {
    expect(() => checkTensorFlow(given as never)).toThrow(/Expected TensorFlow.js for tf .* import \* as tf/);
  });
});
