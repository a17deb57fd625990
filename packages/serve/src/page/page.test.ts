import { gzipSync } from 'node:zlib';
import type { Correction, MonitorReport } from '@percept/core';
import { decodeImage, encodeImage } from '@percept/image';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../../../../test/setup/launch-chromium.js';
import { type AppOptions, createApp, createPredictor, type Listening, listen } from '../index.node.js';
import { colorModel, colorPicture } from '../testing/color-model.js';
import { countingObserver, memoryFeedback } from '../testing/test-app.js';

let browser: Browser;
let page: Page;
let server: Listening;
let corrections: Correction[];
const complaints: string[] = [];

const drift = (psi: number) => ({ psi, ks: 0.2, pValue: 0.01, referenceMean: 1, currentMean: 2 });
const report: Partial<MonitorReport> = {
  status: 'moderate-drift',
  meanPsi: 0.17,
  properties: { brightness: drift(0.31) },
  scores: { red: drift(0.02) },
};

/** Starts the app with the real runtime and opens its page. */
async function open(options: Partial<AppOptions> = {}): Promise<void> {
  corrections = [];
  const observer = countingObserver(report);
  const predictor = createPredictor({
    model: { bytes: colorModel(), name: 'colors', version: 4 },
    runtime: onnxruntimeNode({ worker: false }),
    threads: 1,
    observer,
  });
  const examples = [{ name: 'a green one', bytes: await colorPicture('green'), contentType: 'image/png' }];
  const app = createApp({ predictor, observer, feedback: memoryFeedback(corrections), examples, ...options });
  const listening = await listen(app, { port: 0 });
  server = {
    ...listening,
    async close() {
      await listening.close();
      await predictor.close();
    },
  };
  page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(server.url);
}

const upload = (name: string, bytes: Uint8Array, mimeType = 'image/png') =>
  page.getByLabel('Picture file').setInputFiles({ name, mimeType, buffer: Buffer.from(bytes) });

const label = () => page.getByTestId('label');

describe('the page', () => {
  beforeAll(async () => {
    browser = await launchChromium({
      args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    });
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await page.close();
    await server.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  it('shows the class of an uploaded picture and stores the correction with it', async () => {
    await open({ title: 'Which <colour>?', note: 'Made for "plain" pictures & nothing else.' });
    expect(await page.title()).toBe('Which <colour>?');
    await page.getByText('Made for "plain" pictures & nothing else.').waitFor();
    const red = await colorPicture('red');
    await upload('red.png', red);
    await page.getByText('colors v4').first().waitFor();
    expect(await label().textContent()).toBe('red');
    const bars = page.getByRole('list', { name: 'Classes' }).getByRole('listitem');
    expect(await bars.allTextContents()).toHaveLength(3);
    expect(await bars.first().textContent()).toBe('red>99.9 %');
    expect(await page.getByRole('status').first().textContent()).toBe('Result: red, >99.9 %');

    await page.getByRole('button', { name: 'Not right?' }).click();
    await page.getByLabel('The right class is').selectOption('blue');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Thank you!').waitFor();
    expect(corrections).toMatchObject([{ predictedLabel: 'red', correctLabel: 'blue', extension: 'png', image: red }]);
    await page.getByText('Moderate drift').waitFor();
    await page.getByRole('rowheader', { name: 'brightness' }).waitFor();
  });

  it('makes big photos smaller before they travel, and sends them again for a late correction', async () => {
    await open({ limits: { recentBytes: 0 } });
    const data = new Uint8Array(2000 * 500 * 3);
    for (let at = 2; at < data.length; at += 3) data[at] = 255;
    const photo = await encodeImage({ width: 2000, height: 500, channels: 3, data }, { format: 'jpeg' });
    await upload('blue.jpg', photo, 'image/jpeg');
    await label().waitFor();
    await page.getByRole('button', { name: 'Not right?' }).click();
    await page.getByLabel('The right class is').selectOption('green');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Thank you!').waitFor();
    expect(corrections[0]).toMatchObject({ predictedLabel: 'blue', extension: 'jpg' });
    expect(await decodeImage(corrections[0]!.image)).toMatchObject({ width: 1024, height: 256 });
    // The first answer asked for the picture, and browsers report every 4xx.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('410')]);
  });

  it('takes examples, dropped and pasted pictures', async () => {
    await open();
    await page.getByRole('button', { name: 'a green one' }).click();
    await expect.poll(() => label().textContent()).toBe('green');
    for (const [event, color] of [
      ['drop', 'blue'],
      ['paste', 'red'],
    ] as const) {
      await page.evaluate(
        ([event, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], 'picture.png', { type: 'image/png' }));
          document.dispatchEvent(
            event === 'drop'
              ? new DragEvent('drop', { dataTransfer: data, cancelable: true })
              : new ClipboardEvent('paste', { clipboardData: data }),
          );
        },
        [event, [...(await colorPicture(color))]] as const,
      );
      await expect.poll(() => label().textContent()).toBe(color);
    }
  });

  it('asks for the camera only on a click, and turns it off again', async () => {
    await open({ note: 'Made for plain pictures.' });
    await page.evaluate(() => {
      const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      const streams: MediaStream[] = [];
      Object.assign(globalThis, { streams });
      navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = await original(constraints);
        streams.push(stream);
        return stream;
      };
    });
    const states = () =>
      page.evaluate(() =>
        (globalThis as unknown as { streams: MediaStream[] }).streams.map(
          (stream) => stream.getTracks()[0]!.readyState,
        ),
      );
    expect(await states()).toEqual([]);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByText('Camera pictures are only illustrative').waitFor();
    await expect.poll(states).toEqual(['live']);
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    await expect.poll(states).toEqual(['ended']);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByRole('button', { name: 'Take the picture' }).click();
    await label().waitFor();
    await expect.poll(states).toEqual(['ended', 'ended']);
  });

  it('says what went wrong and tries again', async () => {
    await open();
    await upload('notes.png', new TextEncoder().encode('only some text'));
    await page.getByRole('alert').getByText('IMAGE_UNKNOWN_FORMAT').waitFor();
    const { close } = server;
    await page.route('**/api/predict', (route) => route.abort());
    await upload('red.png', await colorPicture('red'));
    await page.getByRole('alert').getByText('The server cannot be reached').waitFor();
    await page.unroute('**/api/predict');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => label().textContent()).toBe('red');
    server = { ...server, close };
    complaints.splice(0);
  });

  it('is worked by keyboard alone', async () => {
    await open();
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      await page.keyboard.press('Tab');
      seen.push(await page.evaluate(() => document.activeElement?.textContent ?? ''));
    }
    expect(seen.slice(0, 2)).toEqual(['Choose a file', 'Use the camera']);
    await page.getByRole('button', { name: 'a green one' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Not right?' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SELECT');
    await page.keyboard.press('b');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Thank you!').waitFor();
    expect(corrections).toMatchObject([{ correctLabel: 'blue' }]);
  });
});

describe('the document', () => {
  it('is small and lets in nothing from elsewhere', async () => {
    const predictor = createPredictor({ model: { bytes: colorModel() }, runtime: onnxruntimeNode() });
    const response = await createApp({ predictor }).request('/');
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const html = await response.text();
    expect(html).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(gzipSync(html).length).toBeLessThan(25_000);
  });
});
