import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import goldens from '../../../test/goldens/image/decode.json' with { type: 'json' };
import { fromBase64, noise } from '../../../test/goldens/image/goldens.js';
import { decodeImage } from './decode.node.js';
import { encodeImage } from './encode.node.js';
import { preprocess } from './preprocess.node.js';
import { torchvisionPreset } from './presets.js';
import { createImagePool } from './worker.node.js';

const jpeg = fromBase64(goldens.cases.find(({ name }) => name === 'jpeg-orientation-6')!.file);

describe('createImagePool in Node', () => {
  it('gives what the calling thread gives, and its errors', async () => {
    using pool = createImagePool({ size: 2 });
    const image = await decodeImage(jpeg);
    const spec = torchvisionPreset(16);
    const results = await Promise.all([
      pool.decode(jpeg),
      pool.decode(jpeg, { depth: 16, color: 'gray' }),
      pool.preprocess(jpeg, spec),
      pool.preprocess(jpeg, { ...spec, dtype: 'uint8', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] }),
    ]);
    expect(results[0]).toEqual(image);
    expect(results[1]).toMatchObject({ channels: 1, width: image.width });
    expect(results[1].data).toBeInstanceOf(Uint16Array);
    expect(results[2]).toEqual(preprocess(image, spec));
    expect(results[3].type).toBe('uint8');
    const failed = pool.decode(jpeg.subarray(0, 400));
    await expect(failed).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED', details: { format: 'jpeg' } });
    await expect(pool.decode(new Uint8Array(0))).rejects.toMatchObject({ code: 'IMAGE_EMPTY' });
    const uncloneable = { background: () => 1 } as object;
    await expect(pool.decode(jpeg, uncloneable)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('sends the bytes of a view alone, and leaves them to the caller', async () => {
    using pool = createImagePool({ size: 1 });
    const large = new Uint8Array(jpeg.length + 1000);
    large.set(jpeg, 500);
    const view = large.subarray(500, 500 + jpeg.length);
    expect(await pool.decode(view)).toEqual(await decodeImage(jpeg));
    expect(view.length).toBe(jpeg.length);
  });

  it('gives up when aborted, and goes on with the next', async () => {
    using pool = createImagePool({ size: 1 });
    const png = await encodeImage(noise(600, 400, 3), { format: 'png' });
    const controller = new AbortController();
    const given = pool.decode(png, { signal: controller.signal });
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(pool.decode(png, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await pool.decode(png)).toMatchObject({ width: 600, height: 400 });
  });

  it('fails what is under way when closed, and what comes after', async () => {
    const pool = createImagePool({ size: 1 });
    const under = pool.decode(jpeg);
    pool.close();
    await expect(under).rejects.toMatchObject({ code: 'IMAGE_WORKER_FAILED' });
    await expect(pool.decode(jpeg)).rejects.toMatchObject({ code: 'IMAGE_WORKER_FAILED', message: /closed/ });
  });

  // libjpeg-turbo aborts the process when its thread is terminated under it.
  it.each(['pool.close()', 'process.exit(0)', 'pool.close(); process.exit(0)', 'controller.abort()'])(
    'survives %s while photos are decoded',
    async (end) => {
      const program = `
        import { encodeImage } from '${new URL('../dist/index.node.js', import.meta.url)}';
        import { createImagePool } from '${new URL('../dist/worker.node.js', import.meta.url)}';
        const data = Uint8Array.from({ length: 2400 * 1600 * 3 }, (_, i) => (i * 2654435761) >>> 24);
        const jpeg = await encodeImage({ width: 2400, height: 1600, channels: 3, data }, { format: 'jpeg' });
        const pool = createImagePool({ size: 1 });
        const controller = new AbortController();
        await pool.decode(jpeg);
        for (let i = 0; i < 12; i++) pool.decode(jpeg, { signal: controller.signal }).catch(() => {});
        setTimeout(() => { ${end} }, 40);
      `;
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
      await expect(run).resolves.toMatchObject({ stderr: '' });
    },
  );

  it('starts another worker after one has ended', async () => {
    let started = 0;
    const start = (): Worker => {
      started++;
      const code = "require('node:worker_threads').parentPort.on('message', () => process.exit(3))";
      if (started === 1) return new Worker(code, { eval: true });
      return new Worker(new URL('../dist/image-worker.node.js', import.meta.url), { execArgv: [] });
    };
    using pool = createImagePool({ size: 1, start });
    const [first, second] = await Promise.allSettled([pool.decode(jpeg), pool.decode(jpeg)]);
    for (const outcome of [first, second]) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'IMAGE_WORKER_FAILED' } });
    }
    expect(await pool.decode(jpeg)).toEqual(await decodeImage(jpeg));
    expect(started).toBe(2);
  });

  it('says with a code that no worker can be started', async () => {
    const start = (): Worker => {
      throw new Error('none left');
    };
    using pool = createImagePool({ size: 1, start });
    const failed = { code: 'IMAGE_WORKER_FAILED', cause: expect.objectContaining({ message: 'none left' }) };
    await expect(pool.decode(jpeg)).rejects.toMatchObject(failed);
  });

  it('lets a large batch share one signal', async () => {
    const warnings: string[] = [];
    const warn = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', warn);
    using pool = createImagePool({ size: 1 });
    const controller = new AbortController();
    const { signal } = controller;
    const options = { signal };
    await Promise.all(Array.from({ length: 20 }, () => pool.decode(jpeg, options)));
    const batch = Array.from({ length: 20 }, () => pool.decode(jpeg, options));
    controller.abort();
    for (const outcome of await Promise.allSettled(batch)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } });
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warn);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });

  it('refuses a size that is no count', () => {
    expect(() => createImagePool({ size: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
