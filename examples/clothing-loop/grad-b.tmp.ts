import { readFileSync } from 'node:fs';
import { tensor } from '@percept/core';
import { readModel, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { differentiate, exportInference, fromOnnx, headParameters } from '@percept/train';
import { trainable } from '../../packages/train/src/trainable.js';
const rt = onnxruntimeNode({ worker: false });
const f32 = (p: string) => new Float32Array(new Uint8Array(readFileSync(p)).buffer);
for (const arch of ['vit_tiny_patch16_224', 'convnext_atto']) for (const ex of ['ts', 'ts-train', 'dyn', 'dyn-noopt']) {
  try {
    const m = fromOnnx(readFileSync(`/tmp/i5grad/${arch}.${ex}.onnx`));
    const names = JSON.parse(readFileSync(`/tmp/i5grad/${arch}.names`, 'utf8')) as string[];
    const p = [...trainable(m).parameters];
    const extra = p.filter((n) => !names.includes(n)), missing = names.filter((n) => !p.includes(n));
    const s = await rt.createSession(writeModel(exportInference(m)));
    const y = await s.run({ [m.graph.inputs[0]!.name]: tensor('float32', [3, 3, 64, 64], f32('/tmp/i5grad/x.bin')) });
    const want = f32(`/tmp/i5grad/${arch}.y`); const got = Object.values(y)[0]!.data as Float32Array;
    console.log(arch, ex, 'err', Math.max(...want.map((v, i) => Math.abs(v - got[i]!))), 'extra', extra.slice(0, 5), extra.length, 'missing', missing.slice(0, 5), missing.length, headParameters(m));
    differentiate(m, { inputDims: [3, 3, 64, 64] });
  } catch (e) { console.log(arch, ex, (e as Error).message.slice(0, 300)); }
}
