import { expect, it } from 'vitest';
import { SqnrReport } from '../sqnr/sqnr-report.js';
import { Comparison } from './comparison.js';
import { comparisonFigures } from './comparison-figures.fixture.js';
import { platform } from './platform.js';

const noise = new SqnrReport(
  [
    { value: 'a', node: 'a', opType: 'input', quantized: true, cumulative: 40, conversion: 40, alone: 40 },
    { value: 'b', node: 'conv', opType: 'Conv', quantized: true, cumulative: 30, conversion: 35, alone: Infinity },
  ],
  [{ weight: 'w', node: 'conv', opType: 'Conv', sqnr: 45 }],
  8,
);

/** Opens a page as a reader would, and tells what it tried to load and what went wrong. */
async function opened(html: string): Promise<{ page: Document; errors: string[]; close(): void }> {
  const frame = document.createElement('iframe');
  frame.style.cssText = 'width: 900px; height: 600px';
  const errors: string[] = [];
  document.body.append(frame);
  const loaded = new Promise((done) => frame.addEventListener('load', done, { once: true }));
  frame.srcdoc = html;
  await loaded;
  frame.contentDocument!.addEventListener('securitypolicyviolation', (event) => errors.push(event.violatedDirective));
  frame.contentWindow!.addEventListener('error', (event) => errors.push(event.message));
  for (const { name } of frame.contentWindow!.performance.getEntriesByType('resource')) errors.push(name);
  return { page: frame.contentDocument!, errors, close: () => frame.remove() };
}

it.each([
  ['a comparison', await new Comparison(comparisonFigures).html(), { tables: 3, plots: 4, first: 'float' }],
  ['noise by layer', await noise.html(), { tables: 2, plots: 2, first: 'a' }],
])('shows %s without a network, and sorts it by a click', async (_, html, { tables, plots, first }) => {
  const { page, errors, close } = await opened(html);
  expect(page.querySelectorAll('table')).toHaveLength(tables);
  const shown = [...page.querySelectorAll('figure.broad svg')];
  expect(shown).toHaveLength(plots);
  for (const svg of shown) expect(svg.getBoundingClientRect().width).toBeGreaterThan(300);
  const cells = () => [...page.querySelectorAll('table')[0]!.querySelectorAll('tbody td:first-child')];
  expect(cells()[0]!.textContent).toBe(first);
  const names = page.querySelector<HTMLButtonElement>('th button')!;
  names.click();
  names.click();
  expect(cells().at(-1)!.textContent).toBe(first);
  expect(errors).toEqual([]);
  close();
});

it('knows a browser', async () => {
  expect(platform.readMachine()).toEqual({ cores: navigator.hardwareConcurrency, host: navigator.userAgent });
  const session = { model: new Uint8Array(), input: { name: 'x', dims: [1] } };
  expect(await platform.sessionMemory(session)).toEqual({ unknown: 'browsers do not tell' });
});
