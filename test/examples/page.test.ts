import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fashionMnist, feedbackStore } from '@percept/data';
import { fsStorage } from '@percept/storage/backends/fs';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchChromium } from '../setup/launch-chromium.js';
import { openLoop } from '../setup/open-loop.js';
import { root } from '../setup/repository.js';

/** `UPDATE_SCREENSHOT=1` renews the picture in README.md. */
const screenshot =
  process.env.UPDATE_SCREENSHOT === '1' ? join(root, 'docs', 'images', 'page.png') : join(root, '.cache', 'page.png');

// A copy: corrections made here must not change what the other tests of the example see.
const folder = join(root, '.cache', 'page-loop');
let browser: Browser;
let app: Awaited<ReturnType<typeof openLoop>>;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(inject('loopFolder'), folder, { recursive: true });
  browser = await launchChromium();
  app = await openLoop(['--quick', '--out', folder, '--port', '0']);
});
afterAll(async () => {
  await browser?.close();
  expect(await app?.close()).toBe(0);
});

describe('the page of the clothing loop in a real browser', () => {
  it('recognises an uploaded photo and keeps a correction with its picture', async () => {
    const heldOut = await fashionMnist({ split: 'test' });
    const trouser = await heldOut.read(heldOut.labels.indexOf(heldOut.classes.indexOf('Trouser')));
    const page = await browser.newPage({ viewport: { width: 1180, height: 900 }, deviceScaleFactor: 1.5 });
    // The machine may have much else to do.
    page.setDefaultTimeout(120_000);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(app.url);
    await page.getByText('illustrative').first().waitFor();

    // Enough photos of the same kind for the monitor to judge by.
    for (let index = 0; index < 150; index++) {
      const { image } = await heldOut.read(index);
      const body = new Blob([image as Uint8Array<ArrayBuffer>], { type: 'image/png' });
      expect((await fetch(`${app.url}/api/predict`, { method: 'POST', body })).status).toBe(200);
    }
    await page.getByText('Stable').waitFor();

    await page
      .getByLabel('Picture file')
      .setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(trouser.image) });
    await page.getByTestId('label').waitFor();
    expect(await page.getByTestId('label').textContent()).toBe('Trouser');

    await page.getByRole('button', { name: /not right/i }).click();
    await page.getByLabel('The right class is').selectOption('Dress');
    await page.getByRole('button', { name: /send/i }).click();
    await page.getByText(/thank/i).waitFor();
    mkdirSync(join(screenshot, '..'), { recursive: true });
    await page.screenshot({ path: screenshot, fullPage: true });

    const stored = [];
    for await (const correction of feedbackStore(fsStorage(join(folder, 'clothing-quick', 'data'))).list())
      stored.push(correction);
    const mine = stored.at(-1)!;
    expect({ predicted: mine.predictedLabel, correct: mine.correctLabel }).toEqual({
      predicted: 'Trouser',
      correct: 'Dress',
    });
    expect(mine.image.length).toBeGreaterThan(50);
    expect(problems).toEqual([]);
  });

  it('answers every endpoint that the page and operators use', async () => {
    const health = await (await fetch(`${app.url}/api/health`)).json();
    expect(health).toMatchObject({ status: 'ok' });
    expect(await (await fetch(`${app.url}/metrics`)).text()).toMatch(/^percept_predictions_total\{.*model="clothing"/m);
    expect(await (await fetch(`${app.url}/api/monitor`)).json()).toMatchObject({ status: 'stable' });
    expect(await (await fetch(`${app.url}/api/examples`)).json()).toHaveLength(10);
  });
});
