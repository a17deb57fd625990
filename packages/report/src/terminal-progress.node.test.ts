import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { durationText } from './progress-text.node.js';
import { terminalProgress } from './terminal-progress.node.js';

function recorder(terminal: boolean) {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  if (terminal) Object.assign(stream, { isTTY: true, columns: 120 });
  return { stream, text: () => text };
}
const esc = '\u001b';

describe('without a terminal', () => {
  it('writes a line at the start, every 10 % and at the end', () => {
    const { stream, text } = recorder(false);
    const progress = terminalProgress(stream);
    for (let done = 0; done <= 1000; done++) {
      progress.onProgress({ stage: 'train', done, total: 1000, unit: 'steps', values: { loss: 1 / (done + 3) } });
    }
    progress.stop();
    const lines = text().trimEnd().split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe('train: started, 0/1,000 steps  loss 0.3333');
    expect(lines[1]).toBe('train: 10 %, 100/1,000 steps  loss 0.009709');
    expect(lines[10]).toMatch(/^train: done, 1,000\/1,000 steps {2}loss 0.000997, \d+s$/);
    expect(text()).not.toContain(esc);
  });

  it('ends a stage when another one starts, and tells what was cut short', () => {
    const { stream, text } = recorder(false);
    const progress = terminalProgress(stream);
    progress.onProgress({ stage: 'read', done: 3, total: 10, unit: 'files' });
    progress.onProgress({ stage: 'write', done: 0, unit: 'files' });
    for (let done = 1; done <= 9; done++) progress.onProgress({ stage: 'write', done, unit: 'files' });
    progress.stop();
    progress.stop();
    expect(
      text()
        .replaceAll(/, \d+s/g, '')
        .trimEnd()
        .split('\n'),
    ).toEqual([
      'read: started, 3/10 files',
      'read: stopped, 3/10 files',
      'write: started, 0 files',
      'write: 1 files',
      'write: 2 files',
      'write: 4 files',
      'write: 8 files',
      'write: done, 9 files',
    ]);
  });

  it('takes a stage of nothing, and names with control characters', () => {
    const { stream, text } = recorder(false);
    terminalProgress(stream).onProgress({
      stage: `a${esc}[2Jb\n`,
      done: 0,
      total: 0,
      unit: 'x',
      values: { y: Number.NaN },
    });
    expect(text()).toMatch(/^a \[2Jb : started, 0\/0 x {2}y NaN\na \[2Jb : done, /);
  });
});

describe('on a terminal', () => {
  it('draws a bar for each stage, never hides the cursor nor turns wrapping off', () => {
    const { stream, text } = recorder(true);
    const progress = terminalProgress(stream);
    progress.onProgress({ stage: 'train', done: 0, total: 10, unit: 'steps' });
    progress.onProgress({ stage: 'train', done: 5, total: 10, unit: 'steps', values: { loss: 0.25 } });
    progress.onProgress({ stage: 'validate', done: 1, unit: 'images' });
    progress.onProgress({ stage: 'validate', done: 2, unit: 'images' });
    progress.stop();
    progress.stop();
    expect(text()).toContain('train  ████████████░░░░░░░░░░░░  50 %  5/10 steps  loss 0.25');
    expect(text()).toContain('validate  2 images');
    expect(text()).not.toContain(`${esc}[?25l`);
    expect(text()).not.toContain(`${esc}[?7l`);
    expect(text().endsWith('\n')).toBe(true);
  });

  it('ends the line by itself when the stage is done', () => {
    const { stream, text } = recorder(true);
    terminalProgress(stream).onProgress({ stage: 'train', done: 10, total: 10, unit: 'steps' });
    expect(text()).toContain('100 %');
    expect(text().endsWith('\n')).toBe(true);
  });

  it('does not keep a program alive that forgot to stop it', () => {
    const source = fileURLToPath(new URL('./terminal-progress.node.ts', import.meta.url));
    const program = `
      import { terminalProgress } from ${JSON.stringify(source)};
      Object.defineProperty(process.stderr, 'isTTY', { value: true });
      const progress = terminalProgress();
      progress.onProgress({ stage: 'train', done: 1, total: 10, unit: 'steps' });
      await new Promise((done) => setTimeout(done, 250));`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--conditions', '@percept/source', '--input-type', 'module', '--eval', program],
      { encoding: 'utf8', timeout: 20_000, cwd: fileURLToPath(new URL('.', import.meta.url)) },
    );
    expect(stderr).toContain('10 %');
    expect(status).toBe(0);
  });
});

describe('durations', () => {
  it.each([
    [9.2, '9s'],
    [80, '1m 20s'],
    [7505, '2h 05m'],
  ])('%d seconds', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

describe('on request', () => {
  it('writes JSON lines: the first and the last report of each stage, and few between', () => {
    const { stream, text } = recorder(true);
    const progress = terminalProgress(stream, { format: 'json' });
    for (let done = 0; done <= 1000; done++) {
      progress.onProgress({ stage: 'train', done, total: 1000, unit: 'steps', values: { loss: 0.5 } });
    }
    progress.onProgress({ stage: 'write', done: 1, unit: 'files' });
    progress.onProgress({ stage: 'write', done: 2, unit: 'files' });
    progress.stop();
    const lines = text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBeLessThan(50);
    expect(lines[0]).toEqual({
      stage: 'train',
      done: 0,
      total: 1000,
      unit: 'steps',
      values: { loss: 0.5 },
      milliseconds: expect.any(Number),
    });
    expect(lines.findLast(({ stage }) => stage === 'train')).toMatchObject({ done: 1000 });
    expect(lines.filter(({ stage }) => stage === 'write').map(({ done }) => done)).toEqual([1, 2]);
  });

  it('writes nothing', () => {
    const { stream, text } = recorder(true);
    const progress = terminalProgress(stream, { format: 'silent' });
    progress.onProgress({ stage: 'train', done: 1, total: 2, unit: 'steps' });
    progress.stop();
    expect(text()).toBe('');
  });

  it('refuses other formats', () => {
    expect(() => terminalProgress(recorder(false).stream, { format: 'xml' as never })).toThrow(
      /one of auto, json, silent/,
    );
  });
});

it('tells the rate, once there is one', async () => {
  const { stream, text } = recorder(false);
  const progress = terminalProgress(stream);
  progress.onProgress({ stage: 'read', done: 0, total: 10, unit: 'files' });
  await new Promise((done) => setTimeout(done, 250));
  progress.onProgress({ stage: 'read', done: 10, total: 10, unit: 'files' });
  expect(text()).toMatch(/read: done, 10\/10 files, 0s {2}\d+(?:\.\d+)? files\/s\n$/);
});
