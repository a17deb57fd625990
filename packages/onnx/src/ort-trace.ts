import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type ModelProfile, NodeTimes } from './model-profile.js';

interface TraceEvent {
  readonly cat?: string | undefined;
  readonly name?: string | undefined;
  /** Microseconds. */
  readonly dur?: number;
  readonly args?: { readonly op_name?: string | undefined; readonly provider?: string | undefined };
}

const kernel = '_kernel_time';

/**
 * Adds up a trace that onnxruntime wrote: Chrome's trace event format, an event a line. It is read line by line, because a
 * long recording is larger than the longest string of JavaScript.
 */
export async function readTrace(path: string): Promise<ModelProfile> {
  const times = new NodeTimes();
  for await (const text of eventTexts(path)) {
    const { cat, name = '', dur = 0, args = {} } = parseEvent(text);
    if (cat === 'Session' && name === 'model_run') times.runs++;
    if (cat !== 'Node' || !name.endsWith(kernel)) continue;
    times.add(name.slice(0, -kernel.length), args.op_name ?? '', args.provider ?? '', dur / 1000);
  }
  return times.profile();
}

/** The events; one whose name has line breaks takes several lines. */
async function* eventTexts(path: string): AsyncGenerator<string> {
  let event = '';
  for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) {
    if (line === '[' || line === ']') continue;
    if (line.startsWith('{"cat" : ')) {
      if (event !== '') yield event;
      event = line;
    } else event += `\n${line}`;
  }
  if (event !== '') yield event;
}

/** onnxruntime escapes nothing, so that an event whose node has quotes or backslashes in its name is no JSON. */
function parseEvent(text: string): TraceEvent {
  try {
    return JSON.parse(text.replace(/,$/, '')) as TraceEvent;
  } catch {
    const [, cat, dur, name, args = ''] =
      /^\{"cat" : "(\w+)".*?"dur" :(\d+).*?"name" :"(.*)","args" : (\{.*)$/s.exec(text) ?? [];
    const argument = (of: string) => new RegExp(`"${of}" : "([^"]*)"`).exec(args)?.[1];
    return { cat, name, dur: Number(dur), args: { op_name: argument('op_name'), provider: argument('provider') } };
  }
}
