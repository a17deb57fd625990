// Records compose.json from the present implementation: npx tsx --conditions @percept/source test/goldens/augment/compose.ts
import { writeFileSync } from 'node:fs';
import { everything } from './everything.js';

const contexts = Array.from({ length: 12 }, (_, i) => ({ seed: i % 3, epoch: i % 4, key: `sample/${i}` }));
const cases = await Promise.all(contexts.map(async (context) => ({ ...context, digest: await everything(context) })));
const out = { tools: { percept: 'pixels of @percept/augment, random version 1', node: process.version }, cases };
writeFileSync(new URL('compose.json', import.meta.url), `${JSON.stringify(out, null, 1)}\n`);
