import { expect, it } from 'vitest';
import { confusionMatrixPlot, htmlPage, linePlot, parallelPlot } from './index.js';
import { showPlot } from './live.js';

const loss = linePlot({
  title: 'loss',
  series: [
    {
      name: 'training',
      points: [
        [0, 2],
        [1, 1],
      ],
      band: [
        [0, 1, 3],
        [1, 0.5, 1.5],
      ],
    },
  ],
});

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
  return { page: frame.contentDocument!, errors, close: () => frame.remove() };
}

it('opens a report without error, and sorts its tables by a click', async () => {
  const table = [
    { model: 'b', bytes: 900 },
    { model: 'c', bytes: null },
    { model: 'a', bytes: 12_000 },
  ];
  const png = await loss.toPng({ scale: 0.2 });
  const html = htmlPage({
    title: 'Run',
    sections: [{ plot: loss, table, thumbnails: [{ bytes: png, caption: 'loss' }] }],
  });
  const { page, errors, close } = await opened(html);
  const column = (index: number) =>
    [...page.querySelectorAll(`tbody td:nth-child(${index + 1})`)].map((cell) => cell.textContent);
  const [byModel, byBytes] = page.querySelectorAll<HTMLButtonElement>('th button');
  byModel!.click();
  expect(column(0)).toEqual(['a', 'b', 'c']);
  byBytes!.click();
  expect(column(1)).toEqual(['900', '12,000', '–']);
  byBytes!.click();
  expect(column(1)).toEqual(['12,000', '900', '–']);
  expect([...page.querySelectorAll('th')].map((header) => header.ariaSort)).toEqual([null, 'descending']);
  expect(page.querySelector<HTMLImageElement>('.thumbnails img')!.naturalWidth).toBe(144);
  const shown = (selector: string) => getComputedStyle(page.querySelector(selector)!).display;
  expect([shown('.broad'), shown('.narrow')]).toEqual(['block', 'none']);
  expect(errors).toEqual([]);
  close();
});

it('lets no script of others run in a report', async () => {
  const { page, close } = await opened(
    htmlPage({ title: 't', sections: [{ html: '<script>document.title = "mine"</script><p onclick="x">a</p>' }] }),
  );
  expect(page.title).toBe('t');
  close();
});

it('shows a plot live, laid out for the width of its place, and takes it away again', async () => {
  const place = document.createElement('div');
  place.style.width = '640px';
  document.body.append(place);
  const live = showPlot(place, JSON.parse(JSON.stringify(loss.spec)), { theme: 'light' });
  const svg = () => place.querySelector('svg')!;
  expect(svg().getAttribute('width')).toBe('640');
  place.style.width = '400px';
  await expect.poll(() => svg().getAttribute('width')).toBe('400');
  live.update(
    confusionMatrixPlot({
      title: 'confusion',
      classes: ['cat', 'dog'],
      confusion: [
        [4, 1],
        [0, 5],
      ],
    }),
  );
  expect(svg().textContent).toContain('predicted');
  const box = svg().getBoundingClientRect();
  const over = { bubbles: true, clientX: box.left + 150, clientY: box.top + 100 };
  svg().parentElement!.dispatchEvent(new MouseEvent('mousemove', over));
  await expect.poll(() => place.textContent).toMatch(/(?:cat|dog) → (?:cat|dog)/);
  live.update(parallelPlot({ title: 'trials', axes: [{ key: 'a' }, { key: 'b' }], rows: [{ a: 1, b: 2 }] }));
  expect(svg().textContent).toContain('trials');
  expect(() => live.update({ kind: 'pie' } as never)).toThrow(/one of line/);
  live.close();
  expect(place.querySelector('svg')).toBeNull();
  place.remove();
});

it('follows the theme that is asked for', () => {
  const place = document.createElement('div');
  document.body.append(place);
  const live = showPlot(place, loss, { theme: 'dark' });
  expect(place.innerHTML).toContain('#1f1f1f');
  expect(place.innerHTML).not.toContain('#4477AA');
  live.close();
  place.remove();
});
