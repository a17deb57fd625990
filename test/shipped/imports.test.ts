import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { manifestOf, packageNames } from '../setup/repository.js';

/** Every specifier that a user can import in Node, `./testing` suites excepted (they need vitest). */
const specifiers = packageNames.flatMap((name) =>
  Object.keys(manifestOf(name).exports)
    .filter((subpath) => subpath !== './testing')
    .map((subpath) => `@percept/${name}${subpath.slice(1)}`),
);

const program = `
for (const specifier of ${JSON.stringify(specifiers)}) {
  const module = await import(specifier);
  if (Object.keys(module).length === 0) throw new Error(specifier + ' exports nothing');
}
const { onnxruntimeNode } = await import('@percept/onnx/backends/node');
const { GraphBuilder, writeModel } = await import('@percept/onnx');
const builder = new GraphBuilder('smoke');
builder.input('x', 'float32', ['N']);
builder.node('Relu', ['x'], {}, { outputs: ['y'] });
builder.output('y', 'float32', ['N']);
const session = await onnxruntimeNode().createSession(writeModel(builder.build()));
const { y } = await session.run({ x: { type: 'float32', dims: [2], data: new Float32Array([-1, 2]) } });
await session.close();
const { decodeImage, encodeImage } = await import('@percept/image');
const image = { width: 2, height: 1, channels: 3, data: new Uint8Array([255, 0, 0, 0, 0, 255]) };
const back = await decodeImage(await encodeImage(image, { format: 'png' }));
console.log(JSON.stringify({ y: [...y.data], pixels: [...back.data] }));
`;

describe('the packed packages', () => {
  it.for([
    ['this Node', () => process.execPath],
    ['Node 22', () => join(inject('installed'), 'node_modules/node-22/bin/node')],
    ['Node 24', () => join(inject('installed'), 'node_modules/node-24/bin/node')],
  ] as const)('import and run in %s', ([, binary], { skip }) => {
    skip(!existsSync(binary()), 'the other Node versions are packaged for Linux x64 only');
    const file = join(inject('installed'), 'smoke.mjs');
    writeFileSync(file, program);
    const output = execFileSync(binary(), [file], { cwd: inject('installed'), encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual({ y: [0, 2], pixels: [255, 0, 0, 0, 0, 255] });
  });

  it('can be required, too', () => {
    const code = `for (const name of ${JSON.stringify(specifiers)}) require(name); console.log('ok')`;
    const output = execFileSync(process.execPath, ['--input-type=commonjs', '--no-warnings', '-e', code], {
      cwd: inject('installed'),
      encoding: 'utf8',
    });
    expect(output.trim()).toBe('ok');
  });
});
