// What a teacher said, in a storage: parts of a pass over the data as ONNX files without nodes, each written whole, so that
// an interrupted pass goes on after the last part.
import { PerceptError, type Tensor } from '@percept/core';
import { GraphBuilder, readModel, writeModel } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import * as z from 'zod';

/** The teacher's rows of some batches of a view. */
export interface TeacherPart {
  readonly keys: readonly string[];
  /** Images in each of the batches. */
  readonly sizes: readonly number[];
  /** `[images, width]`. */
  readonly rows: Tensor<'float32'>;
}

const metadataKey = 'percept.teacher';
const schema = z.object({ keys: z.array(z.string()), sizes: z.array(z.int().min(1)).min(1) });
const rowsSchema = z.custom<Tensor<'float32'>>((value) => (value as Tensor | undefined)?.type === 'float32');

/** The parts of one teacher on one source of data. */
export class TeacherStore {
  readonly #storage: Storage;
  readonly #prefix: string;
  readonly #width: number;

  /** `prefix` names teacher, data and augmentation: another one has other rows. */
  constructor(storage: Storage, prefix: string, width: number) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#width = width;
  }

  /**
   * Reads a part; `undefined` when there is none.
   *
   * @throws PerceptError `OPTIMIZE_TEACHER_CACHE_INVALID` when the object is no such part
   */
  async read(view: number, part: number): Promise<TeacherPart | undefined> {
    const key = this.#key(view, part);
    if ((await this.#storage.stat(key)) === undefined) return undefined;
    const stored = parsePart(await this.#storage.read(key), this.#width);
    if (stored instanceof Error) {
      throw new PerceptError(
        'OPTIMIZE_TEACHER_CACHE_INVALID',
        `Expected outputs of the teacher in ${key} of ${this.#storage.description} but it cannot be read as such. Delete it to compute them anew`,
        { details: { key }, cause: stored },
      );
    }
    return stored;
  }

  async write(view: number, part: number, { rows, ...rest }: TeacherPart): Promise<void> {
    const g = new GraphBuilder('teacher');
    g.initializer('rows', rows);
    const metadata = { [metadataKey]: JSON.stringify(rest) };
    await this.#storage.write(this.#key(view, part), writeModel(g.build({ metadata })));
  }

  #key(view: number, part: number): string {
    return `${this.#prefix}/view-${String(view).padStart(3, '0')}/part-${String(part).padStart(5, '0')}.onnx`;
  }
}

/** A stored part, or why it is none. */
function parsePart(bytes: Uint8Array, width: number): TeacherPart | Error {
  try {
    const { graph, metadata } = readModel(bytes);
    const rows = rowsSchema.parse(graph.initializers.get('rows'));
    const rest = schema.parse(JSON.parse(metadata[metadataKey] ?? 'null'));
    const images = rest.sizes.reduce((sum, size) => sum + size, 0);
    const fits = rows.dims.join() === [images, width].join() && rest.keys.length === images;
    return fits ? { ...rest, rows } : new RangeError(`rows [${rows.dims.join(', ')}] of ${rest.keys.length} keys`);
  } catch (cause) {
    return cause as Error;
  }
}
