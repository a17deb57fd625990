// From pixels to a monitored, correctable, retrainable service: the whole loop of Percept on one page of wiring.
import { isPerceptError } from '@percept/core';
import { runLoop } from './loop.js';
import { readOptions, usage } from './options.js';

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  else await runLoop(options);
} catch (error) {
  if (!isPerceptError(error)) throw error;
  console.error(`\n${error.code}: ${error.message}`);
  process.exitCode = error.code === 'EXAMPLE_USAGE' ? 2 : 1;
}
