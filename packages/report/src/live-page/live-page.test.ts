import { request } from 'node:http';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../../../../test/setup/launch-chromium.js';
import { confusionMatrixPlot } from '../plots.js';
import { chartsOf } from './charts-of.js';
import { type LivePage, livePage } from './live-page.node.js';
import { addPoint, type MetricPoints } from './live-run.js';
import { duration, figure } from './words.js';

const matrix = (wrong: number) =>
  confusionMatrixPlot({
    title: 'Last validation',
    classes: ['cat', 'dog'],
    confusion: [
      [20, wrong],
      [1, 30],
    ],
  });

let live: LivePage;
beforeEach(async () => {
  live = await livePage({ title: 'Cats & <dogs>' });
});
afterEach(() => live.close());

describe('the page', () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const asked: string[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (each) => asked.push(new URL(each.url()).host));
    await page.goto(live.url);
  });
  afterEach(async () => {
    await page.close();
    expect(complaints.splice(0)).toEqual([]);
    expect(new Set(asked.splice(0))).toEqual(new Set([new URL(live.url).host]));
  });
  const plot = (title: string) => page.locator('.plot', { hasText: title });

  it('follows a training: progress, curves, figures, plots and parameters', async () => {
    await page.getByRole('heading', { name: 'Cats & <dogs>' }).waitFor();
    expect(await page.title()).toBe('Cats & <dogs>');
    await live.logParams({ optimizer: 'adam', seed: 7 });
    for (let step = 1; step <= 40; step++) {
      live.onProgress({
        stage: 'train',
        done: step,
        total: 80,
        unit: 'steps',
        values: { loss: 1 / step, secondsLeft: 75 },
      });
    }
    for (let epoch = 1; epoch <= 3; epoch++) {
      await live.logMetrics({ trainLoss: 2 / epoch, validationLoss: 2.2 / epoch, trainAccuracy: epoch / 4 }, epoch);
    }
    live.show('confusion', matrix(5));
    await live.logArtifact('best.onnx', new Uint8Array(2048));
    await page.getByText('40 of 80 steps').waitFor();
    await page.getByText('1 min 15 s left').waitFor();
    await page.getByText('loss 0.025', { exact: true }).waitFor();
    expect(
      await page.getByRole('progressbar', { name: 'train' }).evaluate((bar: HTMLProgressElement) => bar.position),
    ).toBe(0.5);
    expect(await page.title()).toBe('50 % · Cats & <dogs>');
    for (const text of ['train', 'validation']) await plot('loss').getByText(text).first().waitFor();
    await plot('Last validation').waitFor();
    expect(await page.locator('.plot').count()).toBe(3);
    await page.getByText('2,048 bytes').waitFor();
    expect(await page.locator('dl').first().textContent()).toBe('optimizeradamseed7');
    expect(await page.locator('.figure', { hasText: 'trainLoss' }).textContent()).toMatch(/0\.6667/);
    live.show('confusion', matrix(9));
    await plot('Last validation').getByText('9', { exact: true }).waitFor();
    expect(await page.locator('.plot').count()).toBe(3);
    live.finish('finished');
    await page.getByRole('status').getByText('finished').waitFor();
    expect(await page.getByRole('button', { name: 'Stop' }).isVisible()).toBe(false);
  });

  it('shows everything when it is opened late, and follows the theme', async () => {
    await live.logMetrics({ loss: 1 }, 1);
    live.show('confusion', matrix(5));
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.reload();
    await plot('Last validation').waitFor();
    await page.getByText('loss').first().waitFor();
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await background()).toBe('rgb(20, 21, 23)');
    expect(await plot('Last validation').innerHTML()).toContain('#1f1f1f');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await background()).toBe('rgb(245, 247, 249)');
  });

  it('stops the work by its button, and says when it has lost it', async () => {
    expect(live.signal.aborted).toBe(false);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Stopping…' }).waitFor();
    expect(live.signal.aborted).toBe(true);
    expect(live.signal.reason).toMatchObject({ code: 'ABORTED' });
    live.finish('failed', 'Stopped by hand');
    await page.getByRole('alert').getByText('Stopped by hand').waitFor();
    await page.reload();
    await page.getByRole('status').getByText('failed').waitFor();
  });

  it('keeps what it shows when the program has ended', async () => {
    await live.logMetrics({ loss: 1 }, 1);
    await plot('loss').waitFor();
    await live.close();
    await page.getByRole('status').getByText('disconnected').waitFor();
    await plot('loss').waitFor();
    // Browsers report that the connection is gone.
    expect(complaints.splice(0).join()).toMatch(/^$|ERR_/);
    live = await livePage();
    asked.splice(0, asked.length, new URL(live.url).host);
  });
});

describe('the server', () => {
  const ask = (path: string, options: { method?: string; headers?: Record<string, string> } = {}) =>
    new Promise<number>((resolve, reject) => {
      request(new URL(path, live.url), { ...options, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .on('error', reject)
        .end();
    });

  it('is stopped by nobody but its page, and read under no other name', async () => {
    expect(await ask('/')).toBe(200);
    expect(await ask('/other')).toBe(404);
    expect(await ask('/stop', { method: 'POST' })).toBe(403);
    expect(await ask('/', { headers: { host: 'evil.example' } })).toBe(403);
    expect(await ask('/stop', { method: 'POST', headers: { host: 'evil.example', 'x-percept': 'stop' } })).toBe(403);
    expect(live.signal.aborted).toBe(false);
    expect(await ask('/stop', { method: 'POST', headers: { 'x-percept': 'stop' } })).toBe(204);
    expect(live.signal.aborted).toBe(true);
    const policy = (await fetch(live.url)).headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; .*connect-src 'self'/);
    expect(await (await fetch(live.url)).text()).toContain('<title>Cats &amp; &lt;dogs&gt;</title>');
  });

  it('refuses a port that is taken, and options and plots that are none', async () => {
    const port = Number(new URL(live.url).port);
    await expect(livePage({ port })).rejects.toMatchObject({ code: 'REPORT_LISTEN_FAILED' });
    await expect(livePage({ port: -1 })).rejects.toThrow(/port/);
    expect(() => live.show('x', { kind: 'pie' } as never)).toThrow(/one of line/);
    expect(() => live.finish('stopped' as never)).toThrow(/finish/);
  });
});

describe('what a live page shows', () => {
  it('puts the same figure of several data into one plot', () => {
    const points: MetricPoints = [[1, 2]];
    const charts = chartsOf({
      learningRate: points,
      trainAccuracy: points,
      trainLoss: points,
      validationLoss: [[1, null]],
      'val/accuracy': points,
      stepLoss: points,
      trainer: points,
    });
    expect(charts.map(([, spec]) => [spec.title, 'series' in spec && spec.series.map(({ name }) => name)])).toEqual([
      ['loss', ['train', 'validation']],
      ['accuracy', ['train', 'val']],
      ['learning rate', ['learningRate']],
      ['stepLoss', ['step']],
      ['trainer', ['trainer']],
    ]);
  });

  it('keeps points ascending by step, and never too many', () => {
    const points: MetricPoints = [];
    for (let step = 0; step < 10_000; step++) addPoint(points, step, step);
    expect(points.length).toBeLessThanOrEqual(4000);
    expect(points.at(-1)).toEqual([9999, 9999]);
    addPoint(points, 500, Number.NaN);
    expect(points.at(-1)).toEqual([500, null]);
    expect(points.every(([step], i) => i === 0 || step > points[i - 1]![0])).toBe(true);
  });

  it('writes numbers and durations for people', () => {
    expect([0, 12345, 0.123456, 1e-5, 2.5e12, 1234.5].map(figure)).toEqual([
      '0',
      '12,345',
      '0.1235',
      '1.00e-5',
      '2.50e+12',
      '1,235',
    ]);
    expect([0.4, 75, 3725, 59.6].map(duration)).toEqual(['0 s', '1 min 15 s', '1 h 02 min', '1 min 00 s']);
  });
});
