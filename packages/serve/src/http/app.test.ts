import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createApp as createPlainApp } from '../create-app.js';
import type { Prediction } from '../prediction.js';
import { colorPicture } from '../testing/color-model.js';
import { countingObserver, type TestApp, testApp } from '../testing/test-app.js';

const red = await colorPicture('red');
const blue = await colorPicture('blue');
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function post(path: string, body: BodyInit, type?: string): [string, RequestInit] {
  return [path, { method: 'POST', body, ...(type === undefined ? {} : { headers: { 'content-type': type } }) }];
}

function form(field: string, bytes: Uint8Array): FormData {
  const data = new FormData();
  data.set(field, new File([bytes as Uint8Array<ArrayBuffer>], 'picture.png', { type: 'image/png' }));
  return data;
}

async function predicted(app: TestApp, bytes = red): Promise<Prediction> {
  const response = await app.app.request(...post('/api/predict', bytes as Uint8Array<ArrayBuffer>, 'image/png'));
  expect(response.status).toBe(200);
  return (await response.json()) as Prediction;
}

async function refused(
  response: Response,
): Promise<{ status: number; code: string; message: string; details?: object }> {
  const body = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, ...body.error };
}

describe('POST /api/predict', () => {
  const { app } = testApp();
  const bytes = red as Uint8Array<ArrayBuffer>;

  it.each([
    ['multipart field file', post('/api/predict', form('file', red))],
    ['multipart field image', post('/api/predict', form('image', red))],
    ['raw image bytes', post('/api/predict', bytes, 'image/png')],
    ['an octet stream', post('/api/predict', bytes, 'application/octet-stream')],
    ['JSON with base64', post('/api/predict', JSON.stringify({ image: base64(red) }), 'application/json')],
    [
      'JSON with a data: URL',
      post(
        '/api/predict',
        JSON.stringify({ image: `data:image/png;base64,${base64(red)}` }),
        'application/json; charset=utf-8',
      ),
    ],
  ])('takes %s', async (_, request) => {
    const response = await app.request(...request);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.json()).toMatchObject({
      label: 'red',
      model: { name: 'colors', version: 2, fallback: false },
      batchSize: 1,
      timings: { totalMs: expect.any(Number) },
    });
  });

  it.each([
    [
      'an unknown media type',
      post('/api/predict', 'a=b', 'application/x-www-form-urlencoded'),
      415,
      'SERVE_MEDIA_TYPE_UNSUPPORTED',
    ],
    ['no media type', ['/api/predict', { method: 'POST' }], 415, 'SERVE_MEDIA_TYPE_UNSUPPORTED'],
    ['no bytes', post('/api/predict', new Uint8Array(0), 'image/png'), 400, 'SERVE_BODY_INVALID'],
    ['text', post('/api/predict', 'hello, this is text', 'image/png'), 415, 'IMAGE_UNKNOWN_FORMAT'],
    ['a cut-off image', post('/api/predict', bytes.slice(0, 40), 'image/png'), 400, 'IMAGE_DECODE_FAILED'],
    ['multipart without a file', post('/api/predict', form('other', red)), 400, 'SERVE_BODY_INVALID'],
    ['multipart without a boundary', post('/api/predict', bytes, 'multipart/form-data'), 400, 'SERVE_BODY_INVALID'],
    ['broken JSON', post('/api/predict', '{"image":', 'application/json'), 400, 'SERVE_BODY_INVALID'],
    ['JSON of another shape', post('/api/predict', '{"picture":"x"}', 'application/json'), 400, 'SERVE_BODY_INVALID'],
    ['JSON null', post('/api/predict', 'null', 'application/json'), 400, 'SERVE_BODY_INVALID'],
    [
      'both image and url',
      post('/api/predict', '{"image":"aa","url":"b"}', 'application/json'),
      400,
      'SERVE_BODY_INVALID',
    ],
    ['no base64', post('/api/predict', '{"image":"\u00e4\u00f6"}', 'application/json'), 400, 'SERVE_BODY_INVALID'],
    [
      'a data: URL of text',
      post('/api/predict', '{"image":"data:text/plain,hi"}', 'application/json'),
      400,
      'SERVE_BODY_INVALID',
    ],
    [
      'a loopback address',
      post('/api/predict', '{"url":"http://127.0.0.1/a.png"}', 'application/json'),
      400,
      'SERVE_URL_REFUSED',
    ],
    [
      'a file address',
      post('/api/predict', '{"url":"file:///etc/passwd"}', 'application/json'),
      400,
      'SERVE_URL_REFUSED',
    ],
  ] as [string, [string, RequestInit], number, string][])('refuses %s', async (_, request, status, code) => {
    expect(await refused(await app.request(...request))).toMatchObject({ status, code });
  });

  it('refuses bodies over the limit, announced or not, without reading them to the end', async () => {
    const { app: small } = testApp({ limits: { bodyBytes: 1000 } });
    const announced = await small.request('/api/predict', {
      method: 'POST',
      headers: { 'content-type': 'image/png', 'content-length': '5000000' },
      body: new ReadableStream(
        {
          pull() {
            expect.unreachable('the body was read');
          },
        },
        { highWaterMark: 0 },
      ),
      duplex: 'half',
    } as RequestInit);
    expect(await refused(announced)).toMatchObject({
      status: 413,
      code: 'SERVE_BODY_TOO_LARGE',
      details: { maxBytes: 1000 },
    });
    let sent = 0;
    const endless = await small.request('/api/predict', {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: new ReadableStream({
        pull(controller) {
          sent += 100;
          controller.enqueue(new Uint8Array(100));
        },
      }),
      duplex: 'half',
    } as RequestInit);
    expect((await refused(endless)).status).toBe(413);
    expect(sent).toBeLessThan(2000);
  });

  it('asks to come back when it has too much to do', async () => {
    const { app: busy } = testApp({}, { maxPending: 1 });
    const answers = await Promise.all([1, 2, 3].map(() => busy.request(...post('/api/predict', bytes, 'image/png'))));
    const turned = answers.filter(({ status }) => status === 503);
    expect(turned).toHaveLength(2);
    expect(turned[0]!.headers.get('retry-after')).toBe('1');
    expect(await refused(turned[0]!)).toMatchObject({ code: 'SERVE_OVERLOADED' });
  });

  it('fetches addresses by the function it was given, or not at all', async () => {
    const asked: string[] = [];
    const { app: fetching } = testApp({
      fetchImage: async (url, { maxBytes }) => {
        asked.push(`${url} ${maxBytes}`);
        return blue;
      },
      limits: { bodyBytes: 2000 },
    });
    const request = post('/api/predict', '{"url":"https://pictures.example/1.png"}', 'application/json');
    expect(await (await fetching.request(...request)).json()).toMatchObject({ label: 'blue' });
    expect(asked).toEqual(['https://pictures.example/1.png 2000']);
    const { app: closed } = testApp({ fetchImage: false });
    expect(await refused(await closed.request(...request))).toMatchObject({ status: 400, code: 'SERVE_URL_REFUSED' });
  });

  it('says nothing about its inside in a 500, but tells the operator', async () => {
    const told: unknown[] = [];
    const { app: failing, runtime } = testApp({ onError: (error) => told.push(error) });
    runtime.beforeRun = async () => {
      throw new TypeError('secret path /srv/models');
    };
    const unavailable = await refused(await failing.request(...post('/api/predict', bytes, 'image/png')));
    expect(unavailable).toMatchObject({ status: 503, code: 'SERVE_MODEL_UNAVAILABLE' });
    expect(JSON.stringify(unavailable)).not.toContain('secret');

    const { app: later, predictor, runtime: breaking } = testApp({ onError: (error) => told.push(error) });
    await predictor.predict(red);
    breaking.beforeRun = runtime.beforeRun;
    expect(await refused(await later.request(...post('/api/predict', bytes, 'image/png')))).toEqual({
      status: 500,
      code: 'SERVE_INFERENCE_FAILED',
      message: 'The server failed to answer this request',
    });
    expect(told).toMatchObject([{ code: 'SERVE_INFERENCE_FAILED' }]);
  });
});

describe('POST /api/feedback', () => {
  const correction = (body: object) => post('/api/feedback', JSON.stringify(body), 'application/json');

  it('stores the correction with the picture that was uploaded', async () => {
    const test = testApp();
    const { id } = await predicted(test);
    const response = await test.app.request(...correction({ predictionId: id, correctLabel: 'blue' }));
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ id: 'correction-1' });
    expect(test.corrections).toEqual([
      {
        predictionId: id,
        image: red,
        extension: 'png',
        predictedLabel: 'red',
        correctLabel: 'blue',
        model: { name: 'colors', version: 2 },
        time: expect.any(Number),
      },
    ]);
  });

  it('asks for the picture again when it has made room for others', async () => {
    const test = testApp({ limits: { recentBytes: Math.max(red.length, blue.length) } });
    const first = await predicted(test, red);
    const second = await predicted(test, blue);
    const body = { predictionId: first.id, correctLabel: 'green' };
    expect(await refused(await test.app.request(...correction(body)))).toMatchObject({
      status: 410,
      code: 'SERVE_UPLOAD_EXPIRED',
    });
    const again = await test.app.request(...correction({ ...body, image: base64(red) }));
    expect(again.status).toBe(201);
    expect(test.corrections[0]!.image).toEqual(red);
    expect((await test.app.request(...correction({ predictionId: second.id, correctLabel: 'red' }))).status).toBe(201);
    expect(await refused(await test.app.request(...correction({ ...body, image: 'AAAA' })))).toMatchObject({
      status: 400,
      code: 'SERVE_BODY_INVALID',
    });
  });

  it('refuses what it does not know', async () => {
    const test = testApp();
    const { id } = await predicted(test);
    const answer = async (body: object) => refused(await test.app.request(...correction(body)));
    expect(await answer({ predictionId: 'none', correctLabel: 'red' })).toMatchObject({
      status: 404,
      code: 'SERVE_PREDICTION_UNKNOWN',
    });
    expect(await answer({ predictionId: id, correctLabel: 'pink' })).toMatchObject({
      status: 400,
      code: 'SERVE_LABEL_UNKNOWN',
      details: { labels: expect.arrayContaining(['red', 'green', 'blue']) },
    });
    expect(await answer({ predictionId: id })).toMatchObject({ status: 400, code: 'SERVE_BODY_INVALID' });
    expect(await refused(await test.app.request(...post('/api/feedback', '{}', 'text/plain')))).toMatchObject({
      status: 415,
    });
    const { app: deaf } = testApp();
    const none = createPlainApp({ predictor: test.predictor });
    expect((await deaf.request('/api/feedback')).status).toBe(405);
    expect(await refused(await none.request(...correction({})))).toMatchObject({
      status: 404,
      code: 'SERVE_NOT_FOUND',
    });
  });
});

describe('the other routes', () => {
  it('tell health', async () => {
    const test = testApp();
    expect(await (await test.app.request('/api/health')).json()).toEqual({ status: 'idle', pending: 0 });
    await predicted(test);
    expect(await (await test.app.request('/api/health')).json()).toMatchObject({ status: 'ok', model: { version: 2 } });
    await test.predictor.close();
    const closed = await test.app.request('/api/health');
    expect(closed.status).toBe(503);
    expect(await closed.json()).toMatchObject({ status: 'unavailable', reason: 'SERVE_CLOSED' });
  });

  it('report the monitor', async () => {
    const { app } = testApp({ observer: countingObserver() });
    expect(await (await app.request('/api/monitor')).json()).toMatchObject({ status: 'warming-up', images: 0 });
    expect(await refused(await testApp().app.request('/api/monitor'))).toMatchObject({ status: 404 });
  });

  it('hand out examples', async () => {
    const name = 'größe 1/2';
    const { app } = testApp({ examples: [{ name, bytes: blue, contentType: 'image/png' }] });
    const [example] = (await (await app.request('/api/examples')).json()) as { name: string; url: string }[];
    expect(example!.name).toBe(name);
    const picture = await app.request(example!.url);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await picture.arrayBuffer())).toEqual(blue);
    expect((await app.request('/api/examples/none')).status).toBe(404);
    const page = { name: 'x', bytes: blue, contentType: 'text/html' };
    expect(() => testApp({ examples: [page] })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('refuse other methods and paths', async () => {
    const { app } = testApp();
    const wrong = await app.request('/api/predict');
    expect(wrong.headers.get('allow')).toBe('POST');
    expect(await refused(wrong)).toMatchObject({ status: 405, code: 'SERVE_METHOD_NOT_ALLOWED' });
    expect(await refused(await app.request('/api/nothing'))).toMatchObject({ status: 404, code: 'SERVE_NOT_FOUND' });
    expect((await app.request('/api/health', { method: 'HEAD' })).status).toBe(200);
  });

  it('have no page, metrics or fetching outside Node', async () => {
    const app = createPlainApp({ predictor: testApp().predictor });
    expect((await app.request('/')).status).toBe(404);
    expect((await app.request('/metrics')).status).toBe(404);
    const answer = await app.request(...post('/api/predict', '{"url":"https://a.example/b.png"}', 'application/json'));
    expect(await refused(answer)).toMatchObject({ status: 400, code: 'SERVE_URL_REFUSED' });
    expect((await app.request(...post('/api/predict', red as Uint8Array<ArrayBuffer>, 'image/png'))).status).toBe(200);
  });
});

describe('malformed requests', () => {
  const { app, predictor } = testApp({ observer: countingObserver(), fetchImage: false });
  const paths = fc.constantFrom('/api/predict', '/api/feedback');
  const never5xx = async (request: [string, RequestInit]) => {
    const { status } = await app.request(...request);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  };

  it("of random bytes under any media type are the client's fault", async () => {
    const types = fc.constantFrom(
      'image/png',
      'application/octet-stream',
      'application/json',
      'multipart/form-data; boundary=x',
      'multipart/form-data; boundary="',
      'multipart/form-data; boundary=',
      'text/plain',
      ';;;',
    );
    await fc.assert(
      fc.asyncProperty(paths, types, fc.uint8Array({ maxLength: 300 }), (path, type, body) =>
        never5xx(post(path, body as Uint8Array<ArrayBuffer>, type)),
      ),
      { numRuns: 400 },
    );
  });

  it("of broken multipart are the client's fault", async () => {
    const whole = new Uint8Array(await new Response(form('file', red.slice(0, 30)), {}).arrayBuffer());
    const boundary = new TextDecoder('latin1').decode(whole).split('\r\n')[0]!.slice(2);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 5 }),
        (length, changes) => {
          const body = whole.slice(0, length);
          for (const [at, byte] of changes) if (at < length) body[at] = byte;
          return never5xx(post('/api/predict', body, `multipart/form-data; boundary=${boundary}`));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("of any JSON are the client's fault", async () => {
    await fc.assert(
      fc.asyncProperty(paths, fc.jsonValue({ maxDepth: 5 }), (path, value) =>
        never5xx(post(path, JSON.stringify(value), 'application/json')),
      ),
      { numRuns: 200 },
    );
    const keys = fc.constantFrom('image', 'url', 'predictionId', 'correctLabel', '__proto__', 'x');
    await fc.assert(
      fc.asyncProperty(paths, fc.dictionary(keys, fc.oneof(fc.string(), fc.jsonValue())), (path, value) =>
        never5xx(post(path, JSON.stringify(value), 'application/json')),
      ),
      { numRuns: 200 },
    );
    for (const path of ['/api/predict', '/api/feedback']) {
      await never5xx(post(path, '['.repeat(1_000_000), 'application/json'));
      await never5xx(post(path, `${'{"image":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'application/json'));
      await never5xx(post(path, `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'application/json'));
    }
  });

  it("of mutated pictures end in an answer or the client's fault", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(red.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        async (changes) => {
          const body = red.slice();
          for (const [at, byte] of changes) body[at] = byte;
          expect((await app.request(...post('/api/predict', body, 'image/png'))).status).toBeLessThan(500);
        },
      ),
      { numRuns: 150 },
    );
    expect(predictor.health()).toMatchObject({ pending: 0 });
  });
});
