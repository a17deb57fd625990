import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { readModel, writeModel } from '@percept/onnx';
import type { FuzzTarget } from '../target.js';

const goldens = new URL('../../goldens/onnx/', import.meta.url);

/** ONNX files: what can be read can be written, and then reads and writes as the same. */
export const target: FuzzTarget = {
  name: 'onnx',
  seeds() {
    const everything = JSON.parse(readFileSync(new URL('models.json', goldens), 'utf8')).everything.bytes as string;
    return [new Uint8Array(Buffer.from(everything, 'base64')), ...backendModels()];
  },
  async run(bytes) {
    const model = readModel(bytes);
    try {
      const written = writeModel(model);
      const again = writeModel(readModel(written));
      if (Buffer.compare(written, again) !== 0) throw new Error('Written, read and written again it is another file');
    } catch (error) {
      // Not even a coded error is right here: what was read has to be writable.
      throw new Error('A model that was read could not be written', { cause: error });
    }
  },
};

/** Small models of the ONNX backend tests (test/goldens/onnx/backend-models.py), one in sixteen. */
function backendModels(): Uint8Array[] {
  const pack = new Uint8Array(brotliDecompressSync(readFileSync(new URL('backend-models.br', goldens))));
  const view = new DataView(pack.buffer, pack.byteOffset);
  const models: Uint8Array[] = [];
  let count = 0;
  for (let at = 4 + view.getUint32(0, true); at < pack.length; count++) {
    const length = view.getUint32(at, true);
    if (count % 16 === 0 && length < 4096) models.push(pack.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return models;
}
