import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrtEngine } from './ort-engine.js';

/** A recording of onnxruntime, which it writes into a file whose name it makes up from a prefix. */
export class Recording {
  /** What the file's path begins with. */
  readonly prefix: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.prefix = join(folder, 'profile');
  }

  /** Makes a folder of its own for the file. */
  static async begin(): Promise<Recording> {
    return new Recording(await mkdtemp(join(tmpdir(), 'percept-onnx-')));
  }

  /** Ends the recording, and takes it out of its folder. */
  async end(engine: OrtEngine): Promise<string> {
    await engine.endProfiling();
    try {
      const [file] = await readdir(this.#folder);
      return await readFile(join(this.#folder, file!), 'utf8');
    } finally {
      await rm(this.#folder, { recursive: true, force: true });
    }
  }
}
