// A contestant of onnx/codec: milliseconds of one decoding or encoding by @percept/onnx.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readModel, writeModel, writeModelPieces } from '@percept/onnx';

const [file, what] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(file!));
const model = readModel(bytes);
const rounds = {
  decode: () => readModel(bytes),
  encode: () => writeModel(model),
  pieces: () => writeModelPieces(model),
};
const round = rounds[what as keyof typeof rounds];
for (let warm = 0; warm < 5; warm++) round();
console.log('ready');
createInterface({ input: process.stdin }).on('line', () => {
  const started = performance.now();
  round();
  console.log(JSON.stringify({ value: performance.now() - started }));
});
