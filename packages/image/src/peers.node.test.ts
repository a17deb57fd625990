import { beforeEach, describe, expect, it, vi } from 'vitest';
import { noise } from '../../../test/goldens/image/goldens.js';
import { encodeImage } from './encode.node.js';

const large = noise(300, 300, 3);

describe('without the optional packages', () => {
  beforeEach(() => {
    vi.resetModules();
    vi.doUnmock('sharp');
    vi.doUnmock('@julusian/jpeg-turbo');
  });

  const absent = (): never => {
    throw new SyntaxError('not installed');
  };

  it('sharp decodes JPEG in place of libjpeg-turbo, and refuses a cut-off one as well', async () => {
    const jpeg = await encodeImage(large, { format: 'jpeg' });
    vi.doMock('@julusian/jpeg-turbo', absent);
    const { decodeImage } = await import('./decode.node.js');
    expect(await decodeImage(jpeg)).toMatchObject({ width: 300, height: 300, channels: 3 });
    await expect(decodeImage(jpeg.subarray(0, 9000))).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED' });
  });

  it('a missing sharp is named with the command that installs it', async () => {
    const webp = await encodeImage(large, { format: 'webp' });
    vi.doMock('sharp', absent);
    const { decodeImage } = await import('./decode.node.js');
    const encoder = await import('./encode.node.js');
    const missing = { code: 'MISSING_PEER', message: expect.stringContaining('npm install sharp') };
    await expect(decodeImage(webp)).rejects.toMatchObject(missing);
    await expect(encoder.encodeImage(large, { format: 'png' })).rejects.toMatchObject(missing);
  });

  it('small PNGs, and JPEG by libjpeg-turbo, need no sharp', async () => {
    const jpeg = await encodeImage(large, { format: 'jpeg' });
    vi.doMock('sharp', absent);
    const { decodeImage } = await import('./decode.node.js');
    const encoder = await import('./encode.node.js');
    const small = noise(28, 28, 1);
    expect(await decodeImage(await encoder.encodeImage(small, { format: 'png' }), { color: 'source' })).toEqual(small);
    expect(await decodeImage(jpeg)).toMatchObject({ width: 300 });
  });
});
