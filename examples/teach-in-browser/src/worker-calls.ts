// Calls into a worker as if its functions were here: one message asks, one answers, and reports may come in between.
import { isPerceptError, PerceptError } from '@percept/core';
import { PlainError } from './plain-error.js';

/** What a function in the worker gets beside its arguments. */
export interface CallContext<Report = unknown> {
  /** Fires when the caller no longer wants the result. */
  readonly signal: AbortSignal;
  /** Tells the caller something on the way. */
  report(report: Report): void;
}

/** The functions of a worker, by name. */
// biome-ignore lint/suspicious/noExplicitAny: arguments and reports are those of the functions themselves
export type WorkerFunctions = Record<string, (argument: any, context: CallContext<any>) => Promise<unknown>>;

type Question = { readonly id: number; readonly call: string; readonly argument: unknown } | { readonly stop: number };
type Answer = { readonly id: number } & (
  | { readonly result: unknown }
  | { readonly report: unknown }
  | { readonly error: { readonly kind: 'plain' | 'coded' | 'other'; readonly code: string; readonly message: string } }
);

/** What a call may take beside its argument. */
export interface CallOptions<Report> {
  readonly signal?: AbortSignal | undefined;
  readonly onReport?: (report: Report) => void;
  /** Handed over instead of copied. */
  readonly transfer?: Transferable[];
}

type ReportOf<Function> = Function extends (argument: never, context: CallContext<infer Report>) => unknown
  ? Report
  : never;

/** The page's end. */
export class WorkerCalls<Functions extends WorkerFunctions> {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve(result: unknown): void; reject(error: unknown): void; report: ((report: never) => void) | undefined }
  >();
  #calls = 0;
  #broken: PlainError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.#take(data));
    worker.addEventListener('error', ({ message }) => {
      this.#broken = new PlainError(`The part of the page that computes has stopped. Reload the page. (${message})`);
      for (const { reject } of this.#waiting.values()) reject(this.#broken);
      this.#waiting.clear();
    });
  }

  /** Calls a function of the worker. Rejects with what it throws. */
  call<Name extends keyof Functions & string>(
    name: Name,
    argument: Parameters<Functions[Name]>[0],
    { signal, onReport, transfer = [] }: CallOptions<ReportOf<Functions[Name]>> = {},
  ): Promise<Awaited<ReturnType<Functions[Name]>>> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) return reject(this.#broken);
      const id = this.#calls++;
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject, report: onReport });
      signal?.addEventListener('abort', () => this.#post({ stop: id }), { once: true });
      this.#post({ id, call: name, argument }, transfer);
    });
  }

  #post(question: Question, transfer: Transferable[] = []): void {
    this.#worker.postMessage(question, transfer);
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    if ('report' in answer) {
      waiting.report?.(answer.report as never);
      return;
    }
    this.#waiting.delete(answer.id);
    if ('result' in answer) waiting.resolve(answer.result);
    else waiting.reject(errorOf(answer.error));
  }
}

/** The worker's end: answers with `functions`. */
export function answerCalls(functions: WorkerFunctions, scope: DedicatedWorkerGlobalScope): void {
  const running = new Map<number, AbortController>();
  const answer = async (id: number, call: string, argument: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    const report = (value: unknown): void => scope.postMessage({ id, report: value } satisfies Answer);
    try {
      const result = await functions[call]!(argument, { signal: controller.signal, report });
      scope.postMessage({ id, result } satisfies Answer);
    } catch (error) {
      scope.postMessage({ id, error: partsOf(error) } satisfies Answer);
    } finally {
      running.delete(id);
    }
  };
  scope.addEventListener('message', ({ data }: MessageEvent<Question>) => {
    if ('stop' in data) running.get(data.stop)?.abort();
    else void answer(data.id, data.call, data.argument);
  });
}

/** Errors lose their class on the way. */
function partsOf(error: unknown): { kind: 'plain' | 'coded' | 'other'; code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof PlainError) return { kind: 'plain', code: '', message };
  if (isPerceptError(error)) return { kind: 'coded', code: error.code, message };
  return { kind: 'other', code: '', message };
}

function errorOf({ kind, code, message }: ReturnType<typeof partsOf>): Error {
  if (kind === 'plain') return new PlainError(message);
  return kind === 'coded' ? new PerceptError(code, message) : new Error(message);
}
