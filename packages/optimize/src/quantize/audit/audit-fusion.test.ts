import { keyedRandom, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { runtime } from '../test-networks.fixture.js';
import { auditFusion } from './audit-fusion.js';

/** One convolution between its conversions, with what a test does to it. */
function oneConvolution({
  activations = 'uint8',
  shared = false,
  read = 'quantized',
  biasScale = 0.0025,
}: {
  activations?: 'uint8' | 'int8';
  shared?: boolean;
  read?: 'quantized' | 'both' | 'float';
  biasScale?: number;
}): Model {
  const g = new GraphBuilder('one');
  const random = keyedRandom('one');
  const x = g.input('x', 'float32', [1, 3, 8, 8]);
  const scale = g.constant(tensor('float32', [], [0.05]), 'scale');
  const zero = g.constant(tensor(activations, [], [0]), 'zero');
  const both = (value: string): string =>
    g.node('DequantizeLinear', [g.node('QuantizeLinear', [value, scale, zero]), scale, zero]);
  const stored = (values: Tensor, hint: string, unit: string): string =>
    g.node('DequantizeLinear', [
      g.constant(values, hint),
      unit,
      g.constant(tensor(values.type, [], [0]), `${hint}_zero`),
    ]);
  const weight = stored(
    tensor(
      'int8',
      [4, 3, 3, 3],
      Array.from({ length: 108 }, () => random.integer(-100, 100)),
    ),
    'weight',
    scale,
  );
  const bias = stored(
    tensor('int32', [4], [1, 2, 3, 4]),
    'bias',
    g.constant(tensor('float32', [], [biasScale]), 'bias_scale'),
  );
  const y = g.node(
    'Conv',
    [both(x), weight, shared ? g.node('Identity', [bias], {}, { name: 'hidden' }) : bias],
    {},
    { name: 'conv' },
  );
  if (read !== 'float') g.output(g.node('Relu', [both(y)], {}, { outputs: ['out'] }), 'float32', undefined);
  if (read !== 'quantized') g.output(g.node('Tanh', [y], {}, { outputs: ['other'] }), 'float32', undefined);
  return g.build();
}

describe('the audit of fusions', () => {
  it('finds nothing where everything is fused', async () => {
    const { unfused, nodes } = await auditFusion(oneConvolution({}), { runtime });
    expect(unfused.filter(({ opType }) => opType === 'Conv')).toEqual([]);
    expect(nodes.find(({ opType }) => opType === 'Conv')).toMatchObject({ kind: 'integer', runsAs: 'QLinearConv' });
  });

  it.each([
    ['a bias behind an Identity, which the runtime takes away', { shared: true }],
    ['int8 activations, which the runtime shifts to uint8', { activations: 'int8' }],
  ] as const)('does not mind %s', async (_, options) => {
    const { nodes } = await auditFusion(oneConvolution(options), { runtime });
    expect(nodes.find(({ opType }) => opType === 'Conv')!.kind).toBe('integer');
  });

  it.each([
    ['a bias in other units', { biasScale: 0.05 }, /bias is not stored in units of/],
    ['a result that is read as float, too', { read: 'both' }, /also read as float, by Tanh/],
    ['a result that nobody quantizes', { read: 'float' }, /is not quantized: Tanh reads it as float/],
  ] as const)('says why of %s', async (_, options, reason) => {
    const { nodes } = await auditFusion(oneConvolution(options), { runtime });
    const conv = nodes.find(({ opType }) => opType === 'Conv')!;
    expect(conv).toMatchObject({ name: 'conv', kind: 'unfused', reason: expect.stringMatching(reason) });
  });

  it('refuses what is no runtime', async () => {
    await expect(auditFusion(oneConvolution({}), {} as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
