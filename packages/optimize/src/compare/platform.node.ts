import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform as systemName } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PerceptError } from '@percept/core';
import { vectorExtensions } from './cpu-flags.js';
import type { ComparisonPlatform, Machine, MeasuredSession, SessionMemory } from './platform.js';

export const platform: ComparisonPlatform = { readMachine, sessionMemory };

function readMachine(): Machine {
  const extensions = vectorExtensions(cpuinfo());
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    ...(extensions && { extensions }),
    host: `Node ${process.versions.node}, ${systemName()} ${arch()}`,
  };
}

function cpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}

// What a fresh process does: it takes the model from its standard input, so that the file's own bytes are in memory before
// the count begins, and gives the peak that opening and running adds. On Linux the peak is that of the process, which is
// set back first; getrusage would count the process that this one was started by, too.
const program = `
import { readFileSync, writeFileSync } from 'node:fs';
import { tensor } from '@percept/core';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
const { threads, input } = JSON.parse(process.argv[1]);
const model = new Uint8Array(readFileSync(0));
const runtime = onnxruntimeNode({ worker: false });
// Loads the library, whose own memory is not the model's.
await runtime.createSession(new Uint8Array([0])).catch(() => undefined);
const feeds = { [input.name]: tensor('float32', input.dims) };
const status = (key) => Number(new RegExp(key + ':\\\\s*(\\\\d+) kB').exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
const linux = process.platform === 'linux';
globalThis.gc?.();
if (linux) writeFileSync('/proc/self/clear_refs', '5');
const before = linux ? status('VmRSS') : process.memoryUsage.rss();
const session = await runtime.createSession(model, threads === undefined ? {} : { threads });
for (let run = 0; run < 2; run++) await session.run(feeds);
const peak = linux ? status('VmHWM') : process.resourceUsage().maxRSS * 1024;
await session.close();
writeFileSync(1, String(peak - before));
`;

/** Runs the session in a process of its own: beside others, nobody could say whose memory it is. */
async function sessionMemory({ model, threads, input, signal }: MeasuredSession): Promise<SessionMemory> {
  const folder = dirname(fileURLToPath(import.meta.url));
  const options = JSON.stringify({ threads, input });
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', program, options], {
    // Packages are looked for from here.
    cwd: folder,
    // Loaders and debuggers of this process are not for that one.
    env: { ...process.env, NODE_OPTIONS: '' },
    ...(signal && { signal }),
  });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  // A process that ends early takes no more; its exit says so.
  child.stdin.on('error', () => undefined).end(model);
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      if (signal?.aborted) reject(new PerceptError('ABORTED', 'The call was aborted by its signal', { cause }));
      else resolve({ unknown: cause.message });
    });
    child.on('close', (code) => {
      const bytes = Number(out);
      if (code === 0 && out !== '' && bytes > 0) resolve({ bytes });
      else resolve({ unknown: /^\w*Error.*$/m.exec(errors)?.[0] ?? `the process ended with ${code}` });
    });
  });
}
