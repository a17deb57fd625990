import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { Engine, EngineRunOptions, TracedEngine } from './engine.js';
import type { ModelProfile } from './model-profile.js';
import { readTrace } from './ort-trace.js';

/** Opens an engine that writes files whose paths begin with `tracePrefix`. */
type Open = (tracePrefix: string) => Promise<TracedEngine>;

/**
 * Opens an engine that records its runs. onnxruntime can only write into a file, and makes up its name; so it gets a folder
 * of its own, which is gone when the engine is closed or refused, and when the process exits before.
 */
export async function openRecorded(open: Open): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'percept-onnx-'));
  const removeAtExit = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', removeAtExit);
  };
  try {
    return new RecordedEngine(await open(folder + sep), folder, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

class RecordedEngine implements Engine {
  readonly #engine: TracedEngine;
  readonly #folder: string;
  readonly #remove: () => Promise<void>;

  constructor(engine: TracedEngine, folder: string, remove: () => Promise<void>) {
    this.#engine = engine;
    this.#folder = folder;
    this.#remove = remove;
  }

  get inputs() {
    return this.#engine.inputs;
  }

  get outputs() {
    return this.#engine.outputs;
  }

  get provider() {
    return this.#engine.provider;
  }

  get refused() {
    return this.#engine.refused;
  }

  get cpuFallback() {
    return this.#engine.cpuFallback;
  }

  run(feeds: Parameters<Engine['run']>[0], options: EngineRunOptions) {
    return this.#engine.run(feeds, options);
  }

  async profile(): Promise<ModelProfile> {
    await this.#engine.endProfiling();
    // Providers that refused the model have left files, too; names go by time.
    const files = (await readdir(this.#folder)).filter((file) => file.startsWith(this.provider)).sort();
    return readTrace(join(this.#folder, files.at(-1)!));
  }

  async close(): Promise<void> {
    try {
      await this.#engine.close();
    } finally {
      await this.#remove();
    }
  }
}
