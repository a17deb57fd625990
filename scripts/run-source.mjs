// `node scripts/run-source.mjs FILE ...` runs a TypeScript program of this repository on the packages' sources.
import { ensureReady, runOrExit } from './ensure-ready.mjs';

ensureReady();
runOrExit(process.execPath, ['--conditions=@percept/source', '--import', 'tsx', ...process.argv.slice(2)]);
