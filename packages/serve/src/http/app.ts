import { PerceptError, parseOptions } from '@percept/core';
import { type Context, Hono } from 'hono';
import { type AppOptions, appOptionsSchema } from './app-options.js';
import { storeFeedback } from './feedback.js';
import { errorResponse } from './http-error.js';
import { type PageDocument, pageDocument } from './page-document.js';
import type { Platform } from './platform.js';
import { RecentUploads } from './recent-uploads.js';
import { uploadedImage } from './uploaded-image.js';

type Handler = (context: Context) => Response | Promise<Response>;

/** Builds the app from web-standard handlers; whatever is special to where it runs comes in by `platform`. */
export function buildApp(options: AppOptions, platform: Platform): Hono {
  const { limits, title, note } = parseOptions(appOptionsSchema, options, 'createApp() options');
  const { predictor, feedback, observer, examples = [], onError } = options;
  const fetchImage = options.fetchImage === false ? undefined : (options.fetchImage ?? platform.fetchImage);
  const metrics = platform.createMetrics?.(predictor);
  const recent = new RecentUploads(limits.recentBytes);
  const page = once(async (): Promise<PageDocument> => {
    const files = (await platform.loadPage?.()) ?? missing('a page');
    return pageDocument(files, { title, note, feedback: feedback !== undefined, monitor: observer !== undefined });
  });

  const routes: Record<string, Record<string, Handler>> = {
    '/': {
      GET: async (context) => {
        const { html, policy } = await page();
        return context.html(html, 200, { 'content-security-policy': policy, 'cache-control': 'no-cache' });
      },
    },
    '/api/predict': {
      POST: async ({ req }) => {
        const bytes = await uploadedImage(req.raw, limits.bodyBytes, fetchImage);
        const prediction = await predictor.predict(bytes, { signal: req.raw.signal });
        if (feedback !== undefined) recent.add(prediction, bytes);
        return uncached(prediction);
      },
    },
    '/api/feedback': {
      POST: async ({ req }) => {
        const sink = feedback ?? missing('a store for feedback');
        // The image may travel as base64, which is a third longer.
        const id = await storeFeedback(req.raw, sink, recent, Math.ceil(limits.bodyBytes * 1.4));
        metrics?.correction();
        return uncached({ id }, 201);
      },
    },
    '/api/health': {
      GET: () => {
        const health = predictor.health();
        return uncached(health, health.status === 'unavailable' ? 503 : 200);
      },
    },
    '/api/monitor': { GET: async () => uncached(await (observer ?? missing('a monitor')).report()) },
    '/api/examples': {
      GET: () =>
        uncached(
          examples.map(({ name, contentType }) => ({
            name,
            contentType,
            url: `/api/examples/${encodeURIComponent(name)}`,
          })),
        ),
    },
    '/api/examples/:name': {
      GET: ({ req }) => {
        const example = examples.find(({ name }) => name === req.param('name')) ?? missing('an example of this name');
        const headers = { 'content-type': example.contentType, 'cache-control': 'max-age=3600' };
        return new Response(example.bytes as Uint8Array<ArrayBuffer>, { headers });
      },
    },
    '/metrics': {
      GET: async () => {
        const { contentType, text } = await (metrics ?? missing('metrics')).exposition();
        return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } });
      },
    },
  };

  /** Answers errors as coded JSON, counts the request and adds what every answer carries. */
  const answer = async (context: Context, route: string, handler: Handler): Promise<Response> => {
    const started = performance.now();
    let response: Response;
    try {
      response = await handler(context);
    } catch (error) {
      response = errorResponse(error);
      if (response.status === 500) onError?.(error, context.req.raw);
    }
    metrics?.request(context.req.method, route, response.status, (performance.now() - started) / 1000);
    response.headers.set('x-content-type-options', 'nosniff');
    response.headers.set('referrer-policy', 'no-referrer');
    return response;
  };

  const app = new Hono();
  for (const [path, handlers] of Object.entries(routes)) {
    for (const [method, handler] of Object.entries(handlers)) {
      app.on(method, path, (context) => answer(context, path, handler));
    }
    app.all(path, (context) => answer(context, path, () => refuseMethod(Object.keys(handlers))));
  }
  app.notFound((context) => answer(context, 'unknown', () => missing('a known path')));
  return app;
}

function uncached(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

function missing(what: string): never {
  throw new PerceptError('SERVE_NOT_FOUND', `Expected ${what} but this server has none`);
}

function refuseMethod(allow: readonly string[]): never {
  throw new PerceptError('SERVE_METHOD_NOT_ALLOWED', `Expected method ${allow.join(' or ')} for this path`, {
    details: { allow },
  });
}

/** Calls `make` when first needed and keeps what it gave; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => {
    kept ??= make().catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
}
