import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tensor } from '@percept/core';
import { decodeImage, preprocessBatch } from '@percept/image';
import { readMetadata, readModel, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { mobilenetV2 } from '@percept/train';
import type { Browser, BrowserContext, Page } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeCameraFlags, type Scene, showToCamera } from '../setup/fake-camera.js';
import { launchChromium } from '../setup/launch-chromium.js';
import { root } from '../setup/repository.js';
import { serveFolder } from '../setup/serve-folder.js';

/** `TEACH_SCREENSHOTS=folder` keeps pictures of the page. */
const screenshots = process.env.TEACH_SCREENSHOTS;
const folder = join(root, '.cache', 'teach-in-browser');
const cameraFile = join(folder, 'camera.y4m');
const real =
  process.env.PERCEPT_DATA && join(process.env.PERCEPT_DATA, 'models', 'imagenet', 'mobilenetv2_1.0_224_fp32.onnx');
const servesWeights = real !== undefined && existsSync(real);

const apple: Scene = { ground: [236, 230, 214], colour: [196, 32, 40], inside: (x, y) => x * x + y * y < 0.25 };
const book: Scene = {
  ground: [44, 62, 54],
  colour: [90, 150, 220],
  inside: (x, y) => Math.abs(x) < 0.42 && Math.abs(y) < 0.55 && !(Math.abs(y + 0.2) < 0.06 && Math.abs(x) < 0.3),
};

/** The machine may have much else to do. */
const patience = { timeout: 120_000 };

let browser: Browser;
let withThreads: Awaited<ReturnType<typeof serveFolder>>;
let withoutThreads: typeof withThreads;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const site = join(folder, 'site');
  const example = join(root, 'examples', 'teach-in-browser');
  await build({
    root: example,
    configFile: join(example, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: site, emptyOutDir: true },
  });
  const files = servesWeights ? { '/models/mobilenetv2.onnx': real } : {};
  withThreads = await serveFolder(site, { isolated: true, files });
  withoutThreads = await serveFolder(site, { isolated: false });
  showToCamera(cameraFile, apple);
  browser = await launchChromium({ args: fakeCameraFlags(cameraFile) });
});
afterAll(async () => {
  await browser?.close();
  await withThreads?.close();
  await withoutThreads?.close();
});

/** Opens the page, and gathers what must not happen: errors, and requests to anywhere else. */
async function openPage(url: string, context?: BrowserContext): Promise<{ page: Page; problems: string[] }> {
  const problems: string[] = [];
  const viewport = { width: 1280, height: 900 };
  const page = await (context ?? (await browser.newContext({ viewport, acceptDownloads: true }))).newPage();
  page.setDefaultTimeout(patience.timeout);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // The one request that may fail: whether weights are served beside the page.
    if (message.type() === 'error' && !message.location().url.includes('/models/')) problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) problems.push(request.url());
  });
  await page.goto(url);
  await page.locator('body[data-ready]').waitFor();
  return { page, problems };
}

/** Weights for where none are served: random, and small. */
function randomWeights(): { name: string; mimeType: string; buffer: Buffer } {
  const model = mobilenetV2({ classes: 10, size: 96, seed: 1 });
  // Depthwise layers begin far too small for a network whose batch normalization has not seen anything.
  for (const [name, { dims, data }] of model.graph.initializers) {
    if (dims.length !== 4 || dims[1] !== 1) continue;
    const larger = Float32Array.from(data as Float32Array, (value) => value * Math.sqrt(dims[0]!));
    model.graph.initializers.set(name, tensor('float32', dims, larger));
  }
  return { name: 'random.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from(writeModel(model)) };
}

async function collect(page: Page, name: string, count: number): Promise<void> {
  const card = page.getByRole('article', { name, exact: true });
  const hold = card.getByRole('button', { name: 'Hold to collect' });
  await hold.hover();
  await page.mouse.down();
  await expect.poll(() => card.getByRole('listitem').count(), patience).toBeGreaterThanOrEqual(count);
  await page.mouse.up();
  // The last picture may still be on its way.
  await expect.poll(() => hold.getAttribute('aria-busy'), patience).toBeNull();
}

async function shot(page: Page, name: string): Promise<void> {
  if (screenshots === undefined) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

const verdict = (page: Page) => page.getByRole('list', { name: 'What the model sees' });

const outcome = (page: Page) => page.locator('#teach-outcome', { hasText: 'It recognises' });

async function downloaded(page: Page): Promise<{ name: string; bytes: Uint8Array }> {
  const event = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the model' }).click();
  const download = await event;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** What the page says of its pictures, and the pictures. */
async function judged(page: Page): Promise<{ png: Uint8Array; scores: number[] }[]> {
  const thumbs = page.locator('[data-key]');
  await expect.poll(() => page.locator('[data-key]:not([data-scores])').count(), patience).toBe(0);
  return thumbs.evaluateAll((buttons) =>
    Promise.all(
      buttons.map(async (button) => {
        const bytes = await (await fetch(button.querySelector('img')!.src)).arrayBuffer();
        return {
          png: Array.from(new Uint8Array(bytes)) as unknown as Uint8Array,
          scores: JSON.parse((button as HTMLElement).dataset.scores!) as number[],
        };
      }),
    ),
  );
}

/** Runs the file in Node on the same pictures and gives the largest difference of a score. */
async function largestDifference(
  bytes: Uint8Array,
  pictures: { png: Uint8Array; scores: number[] }[],
): Promise<number> {
  const { preprocess } = readMetadata(readModel(bytes));
  await using session = await onnxruntimeNode({ worker: false }).createSession(bytes);
  let largest = 0;
  for (const { png, scores } of pictures) {
    const input = preprocessBatch([await decodeImage(Uint8Array.from(png))], preprocess!);
    const { [session.outputs[0]!.name]: output } = await session.run({ [session.inputs[0]!.name]: input });
    expect(output!.dims).toEqual([1, scores.length]);
    for (const [index, score] of scores.entries()) {
      largest = Math.max(largest, Math.abs(score - Number(output!.data[index])));
    }
  }
  return largest;
}

describe('teaching in a real browser', () => {
  it('learns two classes from the camera, over a reload, and gives a file that says the same in Node', async () => {
    const { page, problems } = await openPage(withThreads.url);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

    // Teaching what is not there says so.
    if (!servesWeights) {
      await page.getByText('One file is missing').waitFor();
      await shot(page, '1-no-weights');
      await page.getByLabel('Choose an ONNX file').setInputFiles(randomWeights());
    }
    await page.getByText('Ready to learn').waitFor();
    await page.getByRole('button', { name: 'Teach', exact: true }).click();
    await page.getByText('There are no pictures yet').waitFor();

    await page.getByLabel('Name of class 1').fill('Apple');
    await page.getByLabel('Name of class 2').fill('Book');
    await page.getByRole('button', { name: 'Turn on the camera' }).click();
    await page.getByRole('button', { name: 'Turn off' }).waitFor();
    await collect(page, 'Apple', 10);
    await page.getByRole('button', { name: 'Teach', exact: true }).click();
    await page.getByText('“Book” has no pictures yet').waitFor();

    await page.getByRole('button', { name: 'Turn off' }).click();
    showToCamera(cameraFile, book);
    await page.getByRole('button', { name: 'Turn on the camera' }).click();
    await page.getByRole('button', { name: 'Turn off' }).waitFor();
    await collect(page, 'Book', 10);
    await shot(page, '2-collected');

    // A wrong picture goes away by the keyboard, and the others stay.
    const books = page.getByRole('article', { name: 'Book' });
    const before = await books.getByRole('listitem').count();
    await books.getByRole('button', { name: 'Delete picture 1 of Book' }).first().focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => books.getByRole('listitem').count()).toBe(before - 1);
    await page.getByText('Deleted.').waitFor();

    await page.getByRole('button', { name: 'Teach', exact: true }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.reload();
    await outcome(page).waitFor();
    expect(await outcome(page).textContent()).toContain('100 %');
    expect(await books.getByRole('listitem').count()).toBe(before - 1);

    await page
      .getByRole('button', { name: 'Turn on the camera' })
      .or(page.getByRole('button', { name: 'Turn off' }))
      .waitFor();
    if (await page.getByRole('button', { name: 'Turn on the camera' }).isVisible()) {
      await page.getByRole('button', { name: 'Turn on the camera' }).click();
    }
    await expect.poll(() => verdict(page).getAttribute('data-label'), patience).toBe('Book');
    await shot(page, '3-taught');
    await page.getByRole('button', { name: 'Turn off' }).click();
    showToCamera(cameraFile, apple);
    await page.getByRole('button', { name: 'Turn on the camera' }).click();
    await expect.poll(() => verdict(page).getAttribute('data-label'), patience).toBe('Apple');

    const { name, bytes } = await downloaded(page);
    expect(name).toBe('apple-book.onnx');
    const metadata = readMetadata(readModel(bytes));
    expect(metadata.labels).toEqual(['Apple', 'Book']);
    expect(metadata.preprocess).toMatchObject({ color: 'rgb', resize: { mode: 'shorter-side' } });
    const pictures = await judged(page);
    expect(pictures.length).toBeGreaterThanOrEqual(19);
    expect(await largestDifference(bytes, pictures)).toBeLessThan(1e-4);
    if (screenshots !== undefined) await photograph(page);

    await page.close();

    // Another visitor opens the file where there are no threads and no weights.
    const other = await openPage(withoutThreads.url);
    expect(await other.page.evaluate(() => crossOriginIsolated)).toBe(false);
    const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
    await other.page.getByLabel('Open a model').setInputFiles(file);
    await other.page.getByText('Ready to learn').waitFor();
    expect(await other.page.getByLabel('Name of class 2').inputValue()).toBe('Book');
    await other.page.getByRole('button', { name: 'Turn on the camera' }).click();
    await expect.poll(() => verdict(other.page).getAttribute('data-label'), patience).toBe('Apple');

    // It learns there, too, from files.
    for (const [index, label] of ['Apple', 'Book'].entries()) {
      const some = index === 0 ? pictures.slice(0, 5) : pictures.slice(-5);
      const given = some.map(({ png }, at) => ({
        name: `${at}.png`,
        mimeType: 'image/png',
        buffer: Buffer.from(Uint8Array.from(png)),
      }));
      await other.page.getByLabel(`Add image files to ${label}`).setInputFiles(given);
      await expect
        .poll(() => other.page.getByRole('article', { name: label }).getByRole('listitem').count(), patience)
        .toBe(given.length);
    }
    await other.page.getByRole('button', { name: 'Teach', exact: true }).click();
    await outcome(other.page).waitFor();
    expect(await outcome(other.page).textContent()).toContain('100 %');
    await other.page.getByText('on one thread').waitFor();
    const again = await downloaded(other.page);
    expect(await largestDifference(again.bytes, await judged(other.page))).toBeLessThan(1e-4);

    expect([...problems, ...other.problems]).toEqual([]);
  });

  it('says in words what is missing or wrong', async () => {
    const { page, problems } = await openPage(withoutThreads.url);
    const bad = { name: 'letter.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from('Dear Sir or Madam') };
    await page.getByLabel('Choose an ONNX file').setInputFiles(bad);
    await page.getByText('This file cannot be taught').waitFor();
    await page.getByLabel('Open a model').setInputFiles(bad);
    await page.getByText('no ONNX file that the page can read').waitFor();
    await page.getByLabel('Open a model').setInputFiles(randomWeights());
    await page.getByText('does not say what it tells apart').waitFor();
    await page.getByLabel('Add image files to Class 1').setInputFiles({ ...bad, name: 'letter.txt' });
    await page.getByText('letter.txt: no pictures that this browser can read').waitFor();
    await page.getByRole('button', { name: 'Hold to collect pictures of Class 1' }).click();
    await page.getByText('Turn on the camera first').waitFor();

    // No camera, and a camera that is not allowed.
    for (const [reason, words] of [
      ['NotFoundError', 'No camera was found'],
      ['NotAllowedError', 'The camera was not allowed'],
      ['NotReadableError', 'in use by another program'],
    ] as const) {
      await page.evaluate((name) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
      }, reason);
      await page.getByRole('button', { name: 'Turn on the camera' }).click();
      await page.getByText(words).waitFor();
    }

    await page.getByRole('button', { name: 'Begin from nothing' }).click();
    await page.getByText('Expect little of it').waitFor();
    expect(problems).toEqual([]);
  });
});

/** The page as people see it, for those who look at it. */
async function photograph(page: Page): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(screenshots!, '4-whole.png'), fullPage: true });
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot(page, '5-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await shot(page, '6-phone-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await shot(page, '7-phone');
  await page.screenshot({ path: join(screenshots!, '8-phone-whole.png'), fullPage: true });
  await page.setViewportSize({ width: 1280, height: 900 });
}
