// A contestant of onnx/codec: milliseconds of one decoding or encoding by onnx-proto.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [file, what, folder] = process.argv.slice(2);
const { onnx } = createRequire(`${folder}/`)('onnx-proto');
const bytes = new Uint8Array(readFileSync(file));
const model = onnx.ModelProto.decode(bytes);
const round = what === 'decode' ? () => onnx.ModelProto.decode(bytes) : () => onnx.ModelProto.encode(model).finish();
for (let warm = 0; warm < 5; warm++) round();
console.log('ready');
createInterface({ input: process.stdin }).on('line', () => {
  const started = performance.now();
  round();
  console.log(JSON.stringify({ value: performance.now() - started }));
});
