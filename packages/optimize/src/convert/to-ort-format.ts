import { parseOptions } from '@percept/core';
import { type Model, type Runtime, writeModel } from '@percept/onnx';
import * as z from 'zod';

/** Options of {@link toOrtFormat}. */
export interface ToOrtFormatOptions {
  /** A runtime on onnxruntime for Node, which writes the file. */
  readonly runtime: Runtime;
  /** The file to write, by convention `….ort`. */
  readonly path: string;
  /**
   * How far the graph is optimized before it is written. `extended` (default) suits every CPU; `all` adds layouts of
   * this machine's CPU, and the file may not run on another one.
   */
  readonly optimization?: 'basic' | 'extended' | 'all';
}

const schema = z.strictObject({
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  path: z.string().min(1),
  optimization: z.literal(['basic', 'extended', 'all']).default('extended'),
});

/**
 * Writes a model in the format of onnxruntime (ORT format), which its smallest builds, those for phones and the web, load
 * without the ONNX parser. onnxruntime itself writes it, optimized: `session.save_model_format` in its session options.
 * The given model is not changed.
 *
 * Only onnxruntime for Node can write files; other runtimes have no `optimizedModelPath` and refuse it, or ignore it.
 *
 * @throws PerceptError `INVALID_ARGUMENT`; what the runtime throws for a model that it cannot run or a file that it
 *   cannot write
 */
export async function toOrtFormat(model: Model, options: ToOrtFormatOptions): Promise<void> {
  const { runtime, path, optimization } = parseOptions(schema, options, 'toOrtFormat() options');
  const session = await runtime.createSession(writeModel(model), {
    graphOptimization: optimization,
    optimizedModelPath: path,
    configEntries: { 'session.save_model_format': 'ORT' },
  });
  await session.close();
}
