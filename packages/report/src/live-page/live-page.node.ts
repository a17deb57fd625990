import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OnProgress, PerceptError, parseOptions, type Tracker } from '@percept/core';
import * as z from 'zod';
import type { Plot } from '../plot.js';
import { drawingOf, type PlotSpec } from '../plot-spec.js';
import { addPoint, type LiveChange, type LiveRun } from './live-run.js';
import { type PageDocument, pageDocument } from './page-document.node.js';

/** Options of {@link livePage}. */
export interface LivePageOptions {
  /** What the page is called. Default `Training`. */
  title?: string;
  /** 0..65535; 0 (default) takes any free one. */
  port?: number;
  /** Address to bind. Default `127.0.0.1`, this machine only: whoever reaches the page can stop the work. */
  host?: string;
}

/** A page that shows work as it goes on. It is a `Tracker` too. */
export interface LivePage extends Tracker {
  /** Where it is: `http://127.0.0.1:40123/`. */
  readonly url: string;
  /** Hand it to the long call: the page shows a bar for each stage, with rate and time left. */
  readonly onProgress: OnProgress;
  /** Aborted by the page's stop button. Hand it to the long call. */
  readonly signal: AbortSignal;
  /**
   * Shows a plot beside the curves, in the place of the one of that name before.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when it is no plot
   */
  show(name: string, plot: Plot | PlotSpec): void;
  /** Says that the work is over, and how it went. */
  finish(status?: 'finished' | 'failed', note?: string): void;
  /** Takes the page away. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const schema = z.strictObject({
  title: z.string().default('Training'),
  port: z.int().min(0).max(65535).default(0),
  host: z.string().min(1).default('127.0.0.1'),
});
const finishSchema = z.enum(['finished', 'failed']);

/** Reports of progress reach pages no more often. */
const progressMs = 150;
/** A comment now and then keeps proxies from cutting a quiet connection. */
const heartbeatMs = 15_000;

/**
 * Serves a page on this machine that shows work while it goes on: progress with rate and time left, curves of all metrics
 * with values under the pointer, parameters, plots such as the last confusion matrix, and a button that stops the work
 * through `signal`. It follows by server-sent events, in light and dark, and asks nothing of any other machine.
 *
 * ```ts
 * await using page = await livePage({ title: 'Cats and dogs' });
 * console.log(page.url);
 * await new Trainer({ ..., tracker: page }).fit({ onProgress: page.onProgress, signal: page.signal });
 * page.finish();
 * ```
 *
 * A page that is not closed does not keep the program alive; what was shown stays in the browser.
 *
 * @throws PerceptError `REPORT_LISTEN_FAILED` when the port cannot be had, `REPORT_PAGE_MISSING`, `INVALID_ARGUMENT`
 */
export async function livePage(options: LivePageOptions = {}): Promise<LivePage> {
  const { title, port, host } = parseOptions(schema, options, 'livePage() options');
  const document = await pageDocument(title);
  const run: LiveRun = {
    title,
    stoppable: true,
    status: 'running',
    note: '',
    params: {},
    metrics: {},
    plots: {},
    stages: {},
    files: {},
  };
  const stop = new AbortController();
  const pages = new Set<ServerResponse>();
  const tell = (change: LiveChange): void => send(pages, 'change', change);
  const setStatus = (status: LiveRun['status'], note = ''): void => {
    run.status = status;
    run.note = note;
    tell({ status, note });
  };
  const server = createServer((request, response) => {
    answer(request, response, {
      document,
      allowed: host === '0.0.0.0' || host === '::' ? undefined : hostNames(server, host),
      onPage() {
        pages.add(response);
        response.on('close', () => pages.delete(response));
        send([response], 'run', run);
      },
      onStop() {
        if (run.status !== 'running') return;
        setStatus('stopping');
        stop.abort(new PerceptError('ABORTED', 'The work was stopped on its page'));
      },
    });
  });
  await listen(server, port, host);
  server.unref();
  const heartbeat = setInterval(() => {
    for (const page of pages) page.write(':\n\n');
  }, heartbeatMs).unref();
  const progress = progressTeller(run, (stages) => tell({ stages }));
  const bound = (server.address() as AddressInfo).port;

  const close = async (): Promise<void> => {
    clearInterval(heartbeat);
    progress.stop();
    for (const page of pages) page.end();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`,
    signal: stop.signal,
    onProgress: progress.onProgress,
    async logParams(params) {
      Object.assign(run.params, params);
      tell({ params: run.params });
    },
    async logMetrics(metrics, step) {
      const changed: LiveRun['metrics'] = {};
      for (const [name, value] of Object.entries(metrics)) {
        run.metrics[name] ??= [];
        addPoint(run.metrics[name], step, value);
        changed[name] = run.metrics[name].slice(-1);
      }
      tell({ metrics: changed });
    },
    async logArtifact(path, bytes) {
      run.files[path] = bytes.length;
      tell({ files: { [path]: bytes.length } });
    },
    show(name, plot) {
      const spec = 'spec' in plot ? plot.spec : plot;
      drawingOf(spec);
      run.plots[name] = spec;
      tell({ plots: { [name]: spec } });
    },
    finish(status = 'finished', note = '') {
      setStatus(parseOptions(finishSchema, status, 'finish() status'), note);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Tells of progress now and then: it is reported more often than anybody can look. */
function progressTeller(run: LiveRun, tell: (stages: LiveRun['stages']) => void) {
  const begun = new Map<string, { at: number; done: number }>();
  const waiting: LiveRun['stages'] = {};
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    timer = undefined;
    tell({ ...waiting });
    for (const stage of Object.keys(waiting)) delete waiting[stage];
  };
  const onProgress: OnProgress = (progress) => {
    const { stage, done, total, values } = progress;
    const now = performance.now();
    let from = begun.get(stage);
    // A stage that begins again, such as the next validation, has a rate of its own.
    if (from === undefined || done < (run.stages[stage]?.done ?? 0)) {
      from = { at: now, done };
      begun.set(stage, from);
    }
    const rate = (done - from.done) / (now - from.at);
    const left = values?.secondsLeft ?? (total === undefined || !(rate > 0) ? undefined : (total - done) / rate / 1000);
    const known = left !== undefined && Number.isFinite(left);
    run.stages[stage] = { ...progress, ...(known && { secondsLeft: left }) };
    waiting[stage] = run.stages[stage];
    timer ??= setTimeout(flush, progressMs).unref();
  };
  return { onProgress, stop: () => clearTimeout(timer) };
}

function send(pages: Iterable<ServerResponse>, event: 'run' | 'change', data: unknown): void {
  const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  for (const page of pages) page.write(text);
}

interface Answers {
  readonly document: PageDocument;
  /** `Host` headers that are answered; `undefined`: any. */
  readonly allowed: readonly string[] | undefined;
  onPage(): void;
  onStop(): void;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { document, allowed, onPage, onStop }: Answers,
): void {
  const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  const plain = (status: number, text: string): void => {
    response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end(text);
  };
  const route = `${request.method} ${request.url}`;
  if (allowed !== undefined && !allowed.includes(request.headers.host ?? '')) {
    // Another site whose name was pointed at this machine must not read along.
    plain(403, 'Another host');
  } else if (route === 'GET /') {
    const policy = { 'content-security-policy': document.policy };
    response.writeHead(200, { ...headers, ...policy, 'content-type': 'text/html; charset=utf-8' }).end(document.html);
  } else if (route === 'GET /events') {
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    onPage();
  } else if (route !== 'POST /stop') {
    plain(404, 'Nothing here');
  } else if (request.headers['x-percept'] !== 'stop') {
    // Browsers let other sites send no header of their own without asking first, and there is nobody who says yes.
    plain(403, 'Only the page itself can stop the work');
  } else {
    onStop();
    response.writeHead(204, headers).end();
  }
}

function hostNames(server: Server, host: string): string[] {
  const { port } = server.address() as AddressInfo;
  return ['127.0.0.1', 'localhost', '[::1]', host].map((name) => `${name}:${port}`);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new PerceptError(
          'REPORT_LISTEN_FAILED',
          `Expected to listen on ${host}:${port} but it cannot be had (${cause.code}). Give another port, or 0 for any`,
          { details: { host, port }, cause },
        ),
      );
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}
