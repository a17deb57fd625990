import { type Tensor, tensor } from '@percept/core';
import { type Model, type Runtime, readModel, type Session } from '@percept/onnx';

/** A runtime that computes {@link colorModel} in JavaScript, and shows and disturbs what a real one would do. */
export class FakeRuntime implements Runtime {
  readonly name = 'fake';
  /** Sessions opened so far. */
  opened = 0;
  /** Sessions open now. */
  open = 0;
  /** First dimension of every run, warm-up runs included. */
  readonly batches: number[] = [];
  /** Factor from mean colour to score. */
  scale = 10;
  /** Awaited before a session opens. */
  beforeOpen: () => Promise<void> = async () => {};
  /** Awaited in every run; throwing fails the run. */
  beforeRun: (model: Model) => Promise<void> = async () => {};

  async createSession(bytes: Uint8Array): Promise<Session> {
    const model = readModel(bytes);
    await this.beforeOpen();
    this.opened++;
    this.open++;
    let closed = false;
    const close = async () => {
      if (!closed) this.open--;
      closed = true;
    };
    return {
      inputs: model.graph.inputs,
      outputs: model.graph.outputs,
      provider: 'fake',
      refused: [],
      warmUp: async () => {},
      profile: async () => ({ runs: 0, totalMs: 0, operators: [], nodes: [] }),
      close,
      [Symbol.asyncDispose]: close,
      run: async (feeds, options) => {
        const output = options!.outputs![0]!;
        const input = feeds.input as Tensor<'float32'>;
        this.batches.push(input.dims[0]!);
        await this.beforeRun(model);
        if (closed) throw new TypeError('the session is closed');
        return { [output]: meanColors(input, this.scale) };
      },
    };
  }
}

function meanColors({ dims, data }: Tensor<'float32'>, scale: number): Tensor<'float32'> {
  const pixels = dims[2]! * dims[3]!;
  const scores = tensor('float32', [dims[0]!, 3]);
  for (let row = 0; row < scores.data.length; row++) {
    let sum = 0;
    for (let at = row * pixels; at < (row + 1) * pixels; at++) sum += data[at]!;
    scores.data[row] = (scale * sum) / pixels;
  }
  return scores;
}
