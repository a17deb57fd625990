import type { Model } from '@percept/onnx';
import { efficientnetB0, mobilenetV2, mobilenetV3Large, resnet18, resnet50, squeezenet, vitTiny } from '@percept/train';
import { describe, expect, it } from 'vitest';
import { quantizeStatic } from '../quantize-static.js';
import { batches, runtime } from '../test-networks.fixture.js';
import { auditFusion } from './audit-fusion.js';
import { optimizedGraph } from './optimized-graph.node.js';

const weighted = ['Conv', 'Gemm', 'MatMul'];
const side = 32;

async function quantized(model: Model): Promise<Model> {
  return (await quantizeStatic(model, { calibration: batches(1, 2, side), runtime })).model;
}

describe('the audit of fusions', () => {
  it.each([
    ['resnet18', () => resnet18({ classes: 10, size: side })],
    ['resnet50', () => resnet50({ classes: 10, size: side })],
    ['mobilenetV2', () => mobilenetV2({ classes: 10, size: side })],
    ['mobilenetV3Large', () => mobilenetV3Large({ classes: 10, size: side })],
    ['efficientnetB0', () => efficientnetB0({ classes: 10, size: side })],
    ['squeezenet', () => squeezenet({ classes: 10, size: side })],
    ['vitTiny', () => vitTiny({ classes: 10, size: side })],
  ])('names every layer that the runtime computes in float: %s', async (_, build) => {
    const model = await quantized(build());
    const { graph } = model;
    const { nodes, unfused, conversions } = await auditFusion(model, { runtime });
    const runs = await optimizedGraph(model, runtime);
    const inFloat = runs.nodes.filter(({ opType }) => /^(Fused)?(Conv|Gemm|MatMul)$/.test(opType));
    const named = nodes.filter(
      ({ opType, kind }) => weighted.includes(opType) && (kind === 'unfused' || kind === 'float'),
    );
    expect(named.length).toBe(inFloat.length);
    expect(nodes.filter(({ opType }) => weighted.includes(opType)).length).toBe(
      graph.nodes.filter(({ opType }) => weighted.includes(opType)).length,
    );
    expect(conversions).toBe(runs.nodes.filter(({ opType }) => /^(Q|Deq)uantizeLinear$/.test(opType)).length);
    for (const { reason } of unfused) expect(reason).toMatch(/\S/);
    for (const { opType, reason } of unfused) if (weighted.includes(opType)) expect(reason).not.toMatch(/no rule/);
  });
});
