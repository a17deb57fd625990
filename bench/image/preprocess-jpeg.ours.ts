// @percept/image as its users call it, one photo after another; a contestant of image/preprocess-jpeg.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { preprocess, torchvisionPreset } from '@percept/image';

const [folder, passes, variant] = process.argv.slice(2) as [string, string, 'usual' | 'plain' | 'scaled'];
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.jpg'))
  .sort()
  .map((name) => new Uint8Array(readFileSync(join(folder, name))));
const preset = torchvisionPreset();
const spec = { ...preset, resize: { ...preset.resize!, antialias: variant !== 'plain' } };

async function run(): Promise<number> {
  const started = process.cpuUsage();
  for (let pass = 0; pass < Number(passes); pass++) {
    for (const bytes of files) {
      const { data } = await preprocess(bytes, spec, { inline: true, scaledDecoding: variant === 'scaled' });
      if (data.length !== 3 * 224 * 224) throw new Error(`Expected 3 × 224 × 224 values but made ${data.length}`);
    }
  }
  // All threads: the garbage collector's and the compiler's count too.
  const { user, system } = process.cpuUsage(started);
  return (Number(passes) * files.length * 1_000_000) / (user + system);
}

await run();
await run();
console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify({ value: await run() }));
