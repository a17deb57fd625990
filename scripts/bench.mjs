// `npm run bench -- <name>` runs bench/<name>.ts on the built packages.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady, root, runOrExit } from './ensure-ready.mjs';

const [name, ...rest] = process.argv.slice(2);
const file = join(root, 'bench', `${name}.ts`);
if (name === undefined || !existsSync(file)) {
  const folder = join(root, 'bench');
  const benches = readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /^(?!node_modules|peers|harness)(?:[^/]+\/)?[^./]+\.ts$/.test(path))
    .map((path) => path.slice(0, -3));
  console.error(`Usage: npm run bench -- NAME, where NAME is one of: ${benches.sort().join(', ')}`);
  process.exit(2);
}
ensureReady();
runOrExit(process.execPath, ['--import', 'tsx', file, ...rest]);
