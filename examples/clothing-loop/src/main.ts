// From pixels to a monitored, correctable, retrainable service: the whole loop of Percept on one page of wiring.
import { isPerceptError } from '@percept/core';
import { runLoop } from './loop.js';
import { readOptions, usage } from './options.js';

const stop = new AbortController();
// Kept for good: a second Ctrl-C while things are being closed must not tear the process down.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  else await runLoop(options, stop.signal);
} catch (error) {
  if (!isPerceptError(error)) throw error;
  if (error.code === 'ABORTED') console.error('\nStopped. The same command goes on from here.');
  else console.error(`\n${error.code}: ${error.message}`);
  process.exitCode = { ABORTED: 130, EXAMPLE_USAGE: 2 }[error.code] ?? 1;
}
