import { elementCount, PerceptError, type Tensor, tensor } from '@percept/core';
import type { Runtime, Session, SessionOptions } from '@percept/onnx';
import type { TeacherGraph } from './teacher-model.js';

/** Where a batch stands, for errors. */
export interface BatchPlace {
  /** `training` or `validation`: which data it is of. */
  readonly role: string;
  readonly epoch: number;
  /** Counted from 0 within the epoch. */
  readonly position: number;
  readonly keys: readonly string[];
}

/** Logarithms of probabilities that are 0 in float32 are those of the smallest normal number. */
const leastProbability = 2 ** -126;

/** A loaded teacher: images in, one row of targets for every image out (the logits, then the compared values). */
export class RunningTeacher {
  readonly #session: Session;
  readonly #graph: TeacherGraph;
  readonly #classes: number;

  private constructor(session: Session, graph: TeacherGraph, classes: number) {
    this.#session = session;
    this.#graph = graph;
    this.#classes = classes;
  }

  static async load(
    graph: TeacherGraph,
    {
      runtime,
      session,
      classes,
      signal,
    }: {
      runtime: Runtime;
      session: SessionOptions;
      classes: number;
      signal: AbortSignal | undefined;
    },
  ): Promise<RunningTeacher> {
    return new RunningTeacher(await runtime.createSession(graph.bytes, { ...session, signal }), graph, classes);
  }

  /** Numbers in the row of an image. */
  get width(): number {
    return this.#graph.widths.reduce((sum, width) => sum + width, this.#classes);
  }

  /**
   * The rows of a batch, one behind the other. Probabilities become their logarithms, which a softmax turns back.
   *
   * @throws PerceptError `OPTIMIZE_TEACHER_CLASSES` for scores of other classes than the student's,
   *   `OPTIMIZE_TEACHER_NOT_FINITE`, `ABORTED`; what the runtime throws
   */
  async rows(images: Tensor<'float32'>, place: BatchPlace, signal: AbortSignal | undefined): Promise<Float32Array> {
    const { width } = this;
    const count = images.dims[0]!;
    const rows = new Float32Array(count * width);
    const chunk = this.#graph.batchSize ?? count;
    const perImage = elementCount(images.dims.slice(1));
    for (let first = 0; first < count; first += chunk) {
      const size = Math.min(chunk, count - first);
      const part = images.data.slice(first * perImage, (first + size) * perImage);
      // A model of a fixed batch size gets blank images where there are no more.
      const data = size === chunk ? part : new Float32Array(chunk * perImage);
      if (size < chunk) data.set(part);
      const feed = tensor('float32', [chunk, ...images.dims.slice(1)], data);
      const results = await this.#session.run({ [this.#graph.input]: feed }, { transfer: true, signal });
      let column = 0;
      for (const [at, name] of this.#graph.outputs.entries()) {
        const output = results[name] as Tensor<'float32'>;
        const length = at === 0 ? this.#checkedClasses(output, chunk) : this.#graph.widths[at - 1]!;
        for (let row = 0; row < size; row++) {
          rows.set(output.data.subarray(row * length, (row + 1) * length), (first + row) * width + column);
        }
        column += length;
      }
    }
    this.#finish(rows, place);
    return rows;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #checkedClasses({ dims, data }: Tensor<'float32'>, images: number): number {
    const classes = this.#classes;
    if (data.length === images * classes && dims[0] === images) return classes;
    throw new PerceptError(
      'OPTIMIZE_TEACHER_CLASSES',
      `Expected scores of ${classes} classes from the teacher, as many as the student gives, but received [${dims.join(', ')}]. Give the student the teacher's classes in its order, or take a teacher of the student's`,
      { details: { student: classes, dims } },
    );
  }

  /** Takes logarithms where the scores are probabilities, and refuses what is not finite. */
  #finish(rows: Float32Array, { role, epoch, position, keys }: BatchPlace): void {
    const { width } = this;
    const broken = rows.findIndex((value) => !Number.isFinite(value));
    if (broken >= 0) {
      const image = Math.floor(broken / width);
      const what = broken % width < this.#classes ? 'scores' : 'inner values';
      throw new PerceptError(
        'OPTIMIZE_TEACHER_NOT_FINITE',
        `Expected finite ${what} from the teacher but received ${rows[broken]} for image ${image} (key ${JSON.stringify(keys[image] ?? '')}) of batch ${position} of epoch ${epoch} of the ${role} data. Look at that image as the teacher sees it, then at the teacher's weights`,
        { details: { role, epoch, batch: position, image, key: keys[image] } },
      );
    }
    if (!this.#graph.probabilities) return;
    for (let start = 0; start < rows.length; start += width) {
      for (let at = start; at < start + this.#classes; at++) {
        rows[at] = Math.log(Math.max(rows[at]!, leastProbability));
      }
    }
  }
}
