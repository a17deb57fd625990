import { type Image, keyedRandom, type PredictionEvent, type Random, type ReferenceProfile } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { createMonitor } from './monitor.js';
import { profileBuilder } from './profile-builder.js';

const labels = Array.from({ length: 10 }, (_, i) => `class ${i}`);
const model = { name: 'toy', version: 1 };

/** A picture of stripes and noise, and the peaked scores of a confident model; `darker` scales and blunts them. */
function example(random: Random, drift = 0): { image: Image; scores: Float32Array } {
  const light = random.uniform(80, 200) * (1 - drift);
  const noise = random.uniform(10, 40) * (1 - drift);
  const data = Uint8Array.from({ length: 64 }, () => light + random.uniform(-noise, noise));
  const logits = labels.map(() => random.normal() * 8 * (1 - drift));
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return { image: { width: 8, height: 8, channels: 1, data }, scores: Float32Array.from(powers, (p) => p / sum) };
}

function event(random: Random, drift = 0, of = model): PredictionEvent {
  return { id: 'x', time: 0, model: of, labels, ...example(random, drift) };
}

function profile(images = 1000): ReferenceProfile {
  const random = keyedRandom('profile', images);
  const { add, build } = profileBuilder({ labels });
  for (let i = 0; i < images; i++) {
    const { image, scores } = example(random);
    add(image, scores);
  }
  return build();
}

const reference = profile();

describe('profileBuilder', () => {
  it('describes properties and scores in few bytes', () => {
    expect(reference).toMatchObject({ version: 1, images: 1000 });
    expect(Object.keys(reference.properties)).toEqual(['brightness', 'contrast', 'sharpness', 'width', 'height']);
    expect(Object.keys(reference.scores)).toEqual(labels);
    expect(JSON.stringify(reference).length).toBeLessThan(8000);
  });

  it('leaves out scores that are NaN', () => {
    const { add, build } = profileBuilder({ labels: ['a', 'b'] });
    const { image } = example(keyedRandom('nan'));
    add(image, [Number.NaN, 0.5]);
    add(image, [Number.NaN, 0.25]);
    expect(build().scores).toEqual({ b: expect.objectContaining({ count: 2, mean: 0.375 }) });
  });

  it('describes an even draw of very many images', () => {
    const { add, build } = profileBuilder({ labels: ['a'] });
    const image: Image = { width: 1, height: 1, channels: 1, data: new Uint8Array(1) };
    for (let i = 0; i < 40_000; i++) add(image, [i / 40_000]);
    const { images, scores } = build();
    expect(images).toBe(40_000);
    expect(scores.a).toMatchObject({ count: 20_000, mean: expect.closeTo(0.5, 2) });
  });

  it('refuses labels that repeat, scores that are too few, and nothing at all', () => {
    expect(() => profileBuilder({ labels: ['a', 'a'] })).toThrow(/labels that differ/);
    expect(() => profileBuilder({ labels: [] })).toThrow(/labels of profileBuilder/);
    expect(() => profileBuilder({ labels }).add(example(keyedRandom(1)).image, [1])).toThrow(/Expected 10 scores/);
    expect(() => profileBuilder({ labels }).build()).toThrow(
      expect.objectContaining({ code: 'MONITOR_PROFILE_EMPTY' }),
    );
  });
});

describe('createMonitor', () => {
  it('says what it cannot judge', async () => {
    const monitor = createMonitor({ window: 20, minimum: 10 });
    const random = keyedRandom('states');
    monitor.observe(event(random));
    expect(await monitor.report()).toEqual({
      status: 'no-profile',
      images: 1,
      meanPsi: null,
      properties: {},
      scores: {},
    });
    monitor.modelChanged(model, reference);
    for (let i = 0; i < 9; i++) monitor.observe(event(random));
    expect(await monitor.report()).toMatchObject({ status: 'warming-up', images: 9, meanPsi: null });
    for (let i = 0; i < 30; i++) monitor.observe(event(random));
    expect((await monitor.report()).images).toBe(20);
    monitor.reset();
    expect(await monitor.report()).toMatchObject({ status: 'warming-up', images: 0 });
    monitor.modelChanged(model, undefined);
    expect(await monitor.report()).toMatchObject({ status: 'no-profile', images: 0 });
  });

  it.each([20, 100, 500])('stays stable over %i pictures of the same kind, whatever the draw', async (window) => {
    for (let seed = 0; seed < 40; seed++) {
      const monitor = createMonitor({ window });
      monitor.modelChanged(model, reference);
      const random = keyedRandom('null', window, seed);
      for (let i = 0; i < window; i++) monitor.observe(event(random));
      const { status, meanPsi } = await monitor.report();
      expect(status, `seed ${seed}: ${meanPsi}`).toBe('stable');
    }
  });

  it('seldom calls a property of the same kind significant', async () => {
    const pValues: number[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const monitor = createMonitor({ window: 200 });
      monitor.modelChanged(model, reference);
      const random = keyedRandom('p-values', seed);
      for (let i = 0; i < 200; i++) monitor.observe(event(random));
      const { properties, scores } = await monitor.report();
      pValues.push(...Object.values({ ...properties, ...scores }).map(({ pValue }) => pValue));
    }
    expect(pValues.filter((pValue) => pValue < 0.05).length / pValues.length).toBeLessThan(0.07);
  });

  it('finds drift, and the window forgets it', async () => {
    const monitor = createMonitor({ window: 200 });
    monitor.modelChanged(model, reference);
    const random = keyedRandom('power');
    for (let i = 0; i < 200; i++) monitor.observe(event(random, 0.6));
    const drifted = await monitor.report();
    expect(drifted.status).toBe('major-drift');
    expect(drifted.properties.brightness).toMatchObject({ psi: expect.toSatisfy((psi) => psi > 1) });
    expect(drifted.properties.brightness!.currentMean).toBeLessThan(drifted.properties.brightness!.referenceMean);
    expect(drifted.properties.brightness!.pValue).toBeLessThan(1e-6);
    expect(drifted.properties.width!.psi).toBeLessThan(0.01);
    for (let i = 0; i < 200; i++) monitor.observe(event(random));
    expect((await monitor.report()).status).toBe('stable');
  });

  it('finds the middle between', async () => {
    const monitor = createMonitor();
    monitor.modelChanged(model, reference);
    const random = keyedRandom('moderate');
    for (let i = 0; i < 500; i++) monitor.observe(event(random, 0.15));
    expect((await monitor.report()).status).toBe('moderate-drift');
  });

  it('counts only predictions of the model in service', async () => {
    const monitor = createMonitor();
    monitor.modelChanged(model, reference);
    monitor.observe(event(keyedRandom(1), 0, { name: 'toy-float', version: 1 }));
    monitor.observe(event(keyedRandom(1), 0, { name: 'toy', version: 2 }));
    expect((await monitor.report()).images).toBe(0);
    monitor.modelChanged({ name: 'toy', version: 2 }, reference);
    monitor.observe(event(keyedRandom(1), 0, { name: 'toy', version: 2 }));
    expect((await monitor.report()).images).toBe(1);
  });

  it('judges what it can when scores are NaN, labels differ or the profile is damaged', async () => {
    const monitor = createMonitor({ window: 50, minimum: 50 });
    const { brightness, contrast } = reference.properties;
    monitor.modelChanged(model, {
      ...reference,
      properties: { brightness: brightness!, contrast: { ...contrast!, edges: [3, 2] }, smell: brightness! },
    });
    const random = keyedRandom('damaged');
    for (let i = 0; i < 50; i++) {
      const seen = event(random);
      seen.scores[0] = Number.NaN;
      monitor.observe({ ...seen, labels: [...labels.slice(0, 9), 'another'] });
    }
    const { properties, scores } = await monitor.report();
    expect(Object.keys(properties)).toEqual(['brightness']);
    expect(Object.keys(scores)).toEqual(labels.slice(1, 9));
  });

  it('keeps no hold of what it was shown', async () => {
    const random = keyedRandom('hold');
    const monitor = createMonitor({ window: 1 });
    monitor.modelChanged(model, reference);
    const seen = event(random);
    monitor.observe(seen);
    const before = await monitor.report();
    seen.scores.fill(0.5);
    expect(await monitor.report()).toEqual(before);
  });

  it('refuses windows that cannot be', () => {
    expect(() => createMonitor({ window: 0 })).toThrow(/window of createMonitor\(\) options/);
    expect(() => createMonitor({ window: 50, minimum: 51 })).toThrow(/minimum up to window/);
  });
});
