import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMetadata, readModel } from '@percept/onnx';
import { expect, it } from 'vitest';

it('fine-tunes a MobileNetV2 on real photos and shows its mistakes', async ({ skip }) => {
  skip(!process.env.PERCEPT_DATA, 'PERCEPT_DATA is not set');
  const out = await mkdtemp(join(tmpdir(), 'percept-cats-'));
  try {
    const args = ['--conditions=@percept/source', '--import', 'tsx', 'examples/cats-vs-dogs/src/main.ts', '--out', out];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const accuracy = Number(/accuracy (\d+\.\d+) %/.exec(stdout)![1]);
    expect(accuracy).toBeGreaterThanOrEqual(98.5);
    const model = readModel(await readFile(join(out, 'model.onnx')));
    expect(readMetadata(model)).toMatchObject({ labels: ['cat', 'dog'], preprocess: { crop: { width: 224 } } });
    // The label error that was left in the test photos.
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('cat → dog');
  } finally {
    await rm(out, { recursive: true });
  }
});
