// `npm start`: install, build, carry the clothing pictures through the whole loop, open the app.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureReady, root } from './ensure-ready.mjs';

ensureReady();
const main = join(root, 'examples', 'clothing-loop', 'src', 'main.ts');
const child = spawn(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the child through the terminal; this process only waits for it to finish tidily.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
