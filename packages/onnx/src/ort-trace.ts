import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type ModelProfile, NodeTimes } from './model-profile.js';

interface TraceEvent {
  readonly cat?: string;
  readonly name?: string;
  /** Microseconds. */
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

const kernel = '_kernel_time';

/**
 * Adds up a trace that onnxruntime wrote: Chrome's trace event format, an event a line. It is read line by line, because a
 * long recording is larger than the longest string of JavaScript.
 */
export async function readTrace(path: string): Promise<ModelProfile> {
  const times = new NodeTimes();
  for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) {
    if (!line.startsWith('{')) continue;
    const { cat, name = '', dur = 0, args = {} } = JSON.parse(line.replace(/,$/, '')) as TraceEvent;
    if (cat === 'Session' && name === 'model_run') times.runs++;
    if (cat !== 'Node' || !name.endsWith(kernel)) continue;
    times.add(name.slice(0, -kernel.length), args.op_name ?? '', args.provider ?? '', dur / 1000);
  }
  return times.profile();
}
