import { setTimeout as sleep } from 'node:timers/promises';
import type { Image, PredictionEvent, ReferenceProfile } from '@percept/core';
import { plainPreset } from '@percept/image';
import { describe, expect, it, vi } from 'vitest';
import type { PredictorEvent } from './prediction.js';
import { createPredictor } from './predictor.js';
import { colorModel, colorPicture, colors } from './testing/color-model.js';
import { FakeResolver } from './testing/fake-resolver.js';
import { FakeRuntime } from './testing/fake-runtime.js';

const bytes = colorModel();
const red = await colorPicture('red');
const green = await colorPicture('green');
const blue = await colorPicture('blue');

describe('createPredictor', () => {
  it('answers with classes, the model and timings', async () => {
    const runtime = new FakeRuntime();
    await using predictor = createPredictor({ model: { bytes, name: 'colors', version: 7 }, runtime });
    const prediction = await predictor.predict(green);
    expect(prediction).toMatchObject({
      model: { name: 'colors', version: 7, fallback: false },
      label: 'green',
      batchSize: 1,
    });
    expect(prediction.classes.map(({ label }) => label)).toEqual(['green', 'red', 'blue']);
    expect(prediction.classes.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    expect(prediction.score).toBeCloseTo(Math.exp(10) / (Math.exp(10) + 2), 5);
    const { decodeMs, preprocessMs, queueMs, inferenceMs, totalMs } = prediction.timings;
    expect(Math.min(decodeMs, preprocessMs, queueMs, inferenceMs)).toBeGreaterThanOrEqual(0);
    expect(totalMs).toBeGreaterThanOrEqual(decodeMs + preprocessMs + queueMs + inferenceMs);
    expect((await predictor.predict(green)).id).not.toBe(prediction.id);
  });

  it('tells the observer everything before it is closed, however often that is asked for', async () => {
    const events: PredictionEvent[] = [];
    const observer = { observe: (event: PredictionEvent) => void events.push(event), report: () => Promise.reject() };
    const predictor = createPredictor({ model: { bytes }, runtime: new FakeRuntime(), observer });
    const answers = Array.from({ length: 8 }, () => predictor.predict(red));
    await answers[0];
    await Promise.all([predictor.close(), predictor.close(), ...answers]);
    expect(events).toHaveLength(8);
  });

  it('answers although a listener throws', async () => {
    await using predictor = createPredictor({ model: { bytes }, runtime: new FakeRuntime() });
    predictor.subscribe(() => {
      throw new Error('a listener of somebody');
    });
    expect((await predictor.predict(red)).label).toBe('red');
  });

  it('refuses more pixels than it is told to decode', async () => {
    await using predictor = createPredictor({ model: { bytes }, runtime: new FakeRuntime(), maxPixels: 1 });
    await expect(predictor.predict(red)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
  });

  it('takes decoded pixels', async () => {
    await using predictor = createPredictor({ model: { bytes }, runtime: new FakeRuntime() });
    const image: Image = { width: 1, height: 1, channels: 3, data: new Uint8Array([0, 0, 200]) };
    expect(await predictor.predict(image)).toMatchObject({ label: 'blue', timings: { decodeMs: 0 } });
  });

  it('gives the same from a model that ends in a softmax', async () => {
    const model = { bytes: colorModel({ softmax: true }) };
    const { onnxruntimeNode } = await import('@percept/onnx/backends/node');
    const runtime = onnxruntimeNode({ worker: false });
    await using predictor = createPredictor({ model, runtime, threads: 1 });
    await using logits = createPredictor({ model: { bytes }, runtime, threads: 1 });
    expect((await predictor.predict(red)).score).toBeCloseTo((await logits.predict(red)).score, 6);
  });

  it('loads nothing before the first prediction, and once for many at a time', async () => {
    const runtime = new FakeRuntime();
    runtime.beforeOpen = () => sleep(20);
    await using predictor = createPredictor({ model: { bytes }, runtime });
    expect(runtime.opened).toBe(0);
    expect(predictor.health()).toEqual({ status: 'idle', pending: 0 });
    const answers = Promise.all(Array.from({ length: 50 }, () => predictor.predict(red)));
    await sleep(10);
    expect(predictor.health()).toEqual({ status: 'loading', pending: 50 });
    await answers;
    expect(runtime.opened).toBe(1);
    expect(predictor.health()).toMatchObject({ status: 'ok', model: { name: 'model', version: 1 }, pending: 0 });
  });

  it('refuses what does not describe itself', async () => {
    const broken = createPredictor({ model: { bytes: colorModel({ metadata: {} }) }, runtime: new FakeRuntime() });
    await expect(broken.predict(red)).rejects.toMatchObject({
      code: 'SERVE_MODEL_UNAVAILABLE',
      cause: { code: 'SERVE_MODEL_INVALID' },
    });
    const preprocess = plainPreset({ width: 8, height: 8, color: 'rgb' });
    const runtime = new FakeRuntime();
    const short = createPredictor({
      model: { bytes: colorModel({ metadata: { labels: ['a', 'b'], preprocess } }) },
      runtime,
    });
    await expect(short.predict(red)).rejects.toMatchObject({ cause: { code: 'SERVE_MODEL_INVALID' } });
    expect(runtime.open).toBe(0);
  });

  it.each([
    ['no runtime', { model: { bytes } }],
    ['neither bytes nor an address', { model: {}, runtime: new FakeRuntime() }],
    ['an empty batch', { model: { bytes }, runtime: new FakeRuntime(), maxBatch: 0 }],
    ['an unknown option', { model: { bytes }, runtime: new FakeRuntime(), batch: 2 }],
  ])('refuses options with %s', (_, options) => {
    expect(() => createPredictor(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('batching', () => {
  it('shares runs, up to the largest batch, and gives everyone their own answer', async () => {
    const runtime = new FakeRuntime();
    await using predictor = createPredictor({ model: { bytes }, runtime, maxBatch: 4, maxDelayMs: 20 });
    const pictures = Array.from({ length: 24 }, (_, i) => [red, green, blue][i % 3]!);
    const answers = await Promise.all(pictures.map((picture) => predictor.predict(picture)));
    expect(answers.map(({ label }) => label)).toEqual(pictures.map((_, i) => colors[i % 3]));
    expect(Math.max(...runtime.batches)).toBe(4);
    expect(Math.max(...answers.map(({ batchSize }) => batchSize))).toBe(4);
    expect(runtime.batches.slice(1).reduce((sum, size) => sum + size, 0)).toBe(24);
  });

  it('keeps a bad picture from its neighbours', async () => {
    const runtime = new FakeRuntime();
    await using predictor = createPredictor({ model: { bytes }, runtime, maxDelayMs: 10 });
    const answers = await Promise.allSettled(
      [red, new Uint8Array([1, 2, 3]), green].map((picture) => predictor.predict(picture)),
    );
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses more than it has places for', async () => {
    const runtime = new FakeRuntime();
    await using predictor = createPredictor({ model: { bytes }, runtime, maxPending: 5 });
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => predictor.predict(red)));
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(3);
    expect(refused[0]!.reason).toMatchObject({ code: 'SERVE_OVERLOADED', details: { retryAfterSeconds: 1 } });
    await expect(predictor.predict(red)).resolves.toMatchObject({ label: 'red' });
  });

  it('runs one at a time what takes one at a time, and refuses other fixed batches', async () => {
    const runtime = new FakeRuntime();
    await using predictor = createPredictor({ model: { bytes: colorModel({ batch: 1 }) }, runtime });
    await Promise.all([red, green, blue].map((picture) => predictor.predict(picture)));
    expect(new Set(runtime.batches)).toEqual(new Set([1]));
    await using four = createPredictor({ model: { bytes: colorModel({ batch: 4 }) }, runtime });
    await expect(four.predict(red)).rejects.toMatchObject({ cause: { code: 'SERVE_MODEL_INVALID' } });
  });

  it('gives no scores that are no numbers', async () => {
    const runtime = new FakeRuntime();
    await using predictor = createPredictor({ model: { bytes }, runtime });
    runtime.scale = Number.NaN;
    await expect(predictor.predict(red)).rejects.toMatchObject({ code: 'SERVE_INFERENCE_FAILED' });
    runtime.scale = 10;
    expect(await predictor.predict(red)).toMatchObject({ label: 'red' });
  });

  it('stops waiting when aborted', async () => {
    const runtime = new FakeRuntime();
    await using predictor = createPredictor({ model: { bytes }, runtime, maxDelayMs: 10_000 });
    const stop = new AbortController();
    const answer = predictor.predict(red, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(predictor.predict(red, { signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(predictor.health().pending).toBe(0);
  });
});

describe('fallback', () => {
  it('answers when the main model cannot be loaded, until a reload finds it', async () => {
    const resolver = new FakeResolver();
    const runtime = new FakeRuntime();
    await using predictor = createPredictor({
      model: { resolver, uri: 'models:/colors@production' },
      fallback: { bytes: colorModel({ digest: 9 }), name: 'safe' },
      runtime,
    });
    expect((await predictor.predict(red)).model).toEqual({ name: 'safe', version: 1, fallback: true });
    await predictor.predict(red);
    expect(resolver.reads).toBe(1);
    expect(predictor.health()).toMatchObject({
      status: 'degraded',
      reason: 'SERVE_MODEL_UNAVAILABLE',
      model: { name: 'safe' },
    });
    await resolver.point(3, bytes);
    expect(await predictor.reload()).toMatchObject({ changed: true, model: { name: 'colors', version: 3 } });
    expect((await predictor.predict(red)).model).toEqual({ name: 'colors', version: 3, fallback: false });
    expect(predictor.health().status).toBe('ok');
  });

  it('gives way to the main model once that can be loaded, without a reload', async () => {
    const resolver = new FakeResolver();
    await using predictor = createPredictor({
      model: { resolver, uri: 'models:/colors@production' },
      fallback: { bytes: colorModel({ digest: 9 }), name: 'safe' },
      runtime: new FakeRuntime(),
    });
    await predictor.predict(red);
    await resolver.point(3, bytes);
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 6_000);
    expect((await predictor.predict(red)).model.fallback).toBe(true);
    await expect.poll(() => predictor.health().status).toBe('ok');
    expect((await predictor.predict(red)).model).toEqual({ name: 'colors', version: 3, fallback: false });
  });

  it('answers when the main model fails at run time', async () => {
    const runtime = new FakeRuntime();
    let failing = false;
    runtime.beforeRun = async ({ modelVersion }) => {
      if (failing && modelVersion === 0) throw new TypeError('out of memory');
    };
    await using predictor = createPredictor({
      model: { bytes },
      fallback: { bytes: colorModel({ digest: 9 }), name: 'safe' },
      runtime,
    });
    expect((await predictor.predict(red)).model.fallback).toBe(false);
    failing = true;
    expect(await predictor.predict(red)).toMatchObject({ label: 'red', model: { name: 'safe', fallback: true } });
    expect(predictor.health()).toMatchObject({ status: 'degraded', reason: 'SERVE_INFERENCE_FAILED' });
    failing = false;
    expect((await predictor.predict(red)).model.fallback).toBe(false);
    expect(predictor.health().status).toBe('ok');
  });

  it('is not asked about pictures that cannot be read', async () => {
    const runtime = new FakeRuntime();
    await using predictor = createPredictor({ model: { bytes }, fallback: { bytes }, runtime });
    await expect(predictor.predict(new Uint8Array(9))).rejects.toMatchObject({ code: 'IMAGE_UNKNOWN_FORMAT' });
    expect(runtime.opened).toBe(0);
  });

  it('is missed: health says unavailable and every call fails alike', async () => {
    await using predictor = createPredictor({
      model: { resolver: new FakeResolver(), uri: 'models:/none' },
      runtime: new FakeRuntime(),
    });
    for (let call = 0; call < 2; call++) {
      await expect(predictor.predict(red)).rejects.toMatchObject({ code: 'SERVE_MODEL_UNAVAILABLE' });
    }
    expect(predictor.health().status).toBe('unavailable');
  });
});

describe('reload', () => {
  it('swaps 20 times under load without one failed answer, and closes every old session', async () => {
    const resolver = new FakeResolver();
    const runtime = new FakeRuntime();
    runtime.beforeRun = () => sleep(1);
    await resolver.point(1, bytes);
    const predictor = createPredictor({ model: { resolver, uri: 'models:/colors@production' }, runtime });
    const versions = new Set<number>();
    let swapping = true;
    const clients = Array.from({ length: 12 }, async (_, i) => {
      const picture = [red, green, blue][i % 3]!;
      let answered = 0;
      while (swapping) {
        const { label, model } = await predictor.predict(picture);
        expect(label).toBe(colors[i % 3]);
        versions.add(model.version);
        answered++;
      }
      return answered;
    });
    for (let version = 2; version <= 21; version++) {
      await resolver.point(version, colorModel({ digest: version }));
      expect(await predictor.reload()).toMatchObject({ changed: true, model: { version } });
      await sleep(5);
    }
    swapping = false;
    expect((await Promise.all(clients)).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
    expect(versions.size).toBeGreaterThan(15);
    expect(runtime.opened).toBe(21);
    await predictor.close();
    expect(runtime.open).toBe(0);
  });

  it('reads nothing while the address stays, and keeps the old model when the new one is bad', async () => {
    const resolver = new FakeResolver();
    await resolver.point(1, bytes);
    await using predictor = createPredictor({ model: { resolver, uri: 'models:/c' }, runtime: new FakeRuntime() });
    await predictor.predict(red);
    expect(await predictor.reload()).toMatchObject({ changed: false, model: { version: 1 } });
    expect(resolver.reads).toBe(1);
    await resolver.point(2, new Uint8Array([1, 2, 3]));
    await expect(predictor.reload()).rejects.toMatchObject({ code: 'SERVE_MODEL_UNAVAILABLE' });
    expect(await predictor.predict(red)).toMatchObject({ model: { version: 1, fallback: false } });
    expect(predictor.health()).toMatchObject({ status: 'degraded', model: { version: 1 } });
    await resolver.point(1, bytes);
    await predictor.reload();
    expect(predictor.health().status).toBe('ok');
  });

  it('happens by itself with pollMs', async () => {
    const resolver = new FakeResolver();
    await resolver.point(1, bytes);
    await using predictor = createPredictor({
      model: { resolver, uri: 'models:/c' },
      runtime: new FakeRuntime(),
      pollMs: 10,
    });
    await predictor.predict(red);
    await resolver.point(2, undefined);
    await sleep(30);
    await resolver.point(3, colorModel({ digest: 3 }));
    await expect.poll(() => predictor.health()).toMatchObject({ status: 'ok', model: { version: 3 } });
  });
});

describe('those who watch', () => {
  it('are told of models, of answers after they were given, and may throw', async () => {
    const seen: PredictionEvent[] = [];
    const profile: ReferenceProfile = { version: 1, images: 0, properties: {}, scores: {} };
    const preprocess = plainPreset({ width: 8, height: 8, color: 'rgb' });
    const profiled = colorModel({ metadata: { labels: [...colors], preprocess, profile } });
    const told: unknown[] = [];
    const events: PredictorEvent['type'][] = [];
    await using predictor = createPredictor({
      model: { bytes: profiled, name: 'colors' },
      runtime: new FakeRuntime(),
      observer: {
        observe(event) {
          seen.push(event);
          throw new TypeError('a bad observer');
        },
        report: async () => ({ images: 0, status: 'no-profile', meanPsi: null, properties: {}, scores: {} }),
        modelChanged: (...change) => void told.push(change),
      },
    });
    const end = predictor.subscribe(({ type }) => events.push(type));
    const { id } = await predictor.predict(blue);
    expect(seen).toHaveLength(0);
    await sleep(5);
    expect(seen[0]).toMatchObject({
      id,
      model: { name: 'colors', version: 1 },
      image: { width: 16, height: 16, channels: 3 },
      labels: colors,
    });
    expect(seen[0]!.scores[2]).toBeGreaterThan(0.9);
    expect(told).toEqual([[{ name: 'colors', version: 1 }, profile]]);
    expect(events).toEqual(['batch', 'prediction', 'observer-failure']);
    end();
    await predictor.predict(blue);
    expect(events).toHaveLength(3);
  });
});

describe('close', () => {
  it('answers what is pending, refuses the rest and closes the session', async () => {
    const runtime = new FakeRuntime();
    runtime.beforeRun = () => sleep(10);
    const predictor = createPredictor({ model: { bytes }, runtime });
    const pending = predictor.predict(red);
    const closed = predictor.close();
    await expect(predictor.predict(red)).rejects.toMatchObject({ code: 'SERVE_CLOSED' });
    await expect(pending).resolves.toMatchObject({ label: 'red' });
    await closed;
    expect(runtime.open).toBe(0);
    await expect(predictor.reload()).rejects.toMatchObject({ code: 'SERVE_CLOSED' });
    expect(predictor.health()).toMatchObject({ status: 'unavailable', reason: 'SERVE_CLOSED' });
  });
});
