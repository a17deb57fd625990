// The script of a live page: keeps the run as the server tells it, and draws what changed.
/// <reference lib="dom" />
import './live-page.css';
import { type LivePlot, showPlot } from '../live.js';
import type { PlotSpec } from '../plot-spec.js';
import { chartsOf } from './charts-of.js';
import { addPoint, type LiveChange, type LiveRun, type StageProgress } from './live-run.js';
import { duration, figure } from './words.js';

const app = document.querySelector<HTMLElement>('#app')!;
app.innerHTML = `<header><h1></h1><p class="status" role="status"></p><button type="button" class="stop" hidden>Stop</button></header>
<p class="note" role="alert" hidden></p>
<section class="stages" aria-label="Progress"></section>
<section class="figures" aria-label="Latest figures"></section>
<section class="plots" aria-label="Curves and plots"></section>
<section class="details"></section>`;
const part = <Kind extends HTMLElement = HTMLElement>(selector: string): Kind => app.querySelector<Kind>(selector)!;
const stopButton = part<HTMLButtonElement>('.stop');
const plots = new Map<string, { readonly place: HTMLElement; readonly shown: LivePlot; text: string }>();
let run: LiveRun | undefined;
let connected = true;

const events = new EventSource('/events');
events.addEventListener('run', ({ data }) => {
  run = JSON.parse(data) as LiveRun;
  connected = true;
  draw();
});
events.addEventListener('change', ({ data }) => {
  if (run === undefined) return;
  const change = JSON.parse(data) as LiveChange;
  apply(run, change);
  // Progress comes often, and curves are long.
  draw(change.metrics !== undefined || change.plots !== undefined);
});
events.addEventListener('error', () => {
  connected = false;
  draw();
});
stopButton.addEventListener('click', async () => {
  stopButton.disabled = true;
  try {
    await fetch('/stop', { method: 'POST', headers: { 'x-percept': 'stop' } });
  } catch {
    // The connection is gone, which the page says already.
  }
});

function apply(to: LiveRun, { metrics = {}, plots = {}, stages = {}, files = {}, ...change }: LiveChange): void {
  Object.assign(to, change);
  Object.assign(to.plots, plots);
  Object.assign(to.stages, stages);
  Object.assign(to.files, files);
  for (const [name, points] of Object.entries(metrics)) {
    to.metrics[name] ??= [];
    for (const [step, value] of points) addPoint(to.metrics[name], step, value ?? Number.NaN);
  }
}

function draw(curves = true): void {
  if (run === undefined) return;
  const { title, status, note, stoppable } = run;
  const over = status === 'finished' || status === 'failed';
  const state = connected || over ? status : 'disconnected';
  const main = Object.values(run.stages)[0];
  const share = main?.total === undefined ? '' : `${Math.floor((100 * main.done) / main.total)} % · `;
  document.title = over ? `${status} · ${title}` : share + title;
  part('h1').textContent = title;
  part('.status').textContent = state;
  part('.status').dataset.state = state;
  part('.note').textContent = note;
  part('.note').hidden = note === '';
  stopButton.hidden = !stoppable || over;
  stopButton.disabled = status !== 'running' || !connected;
  stopButton.textContent = status === 'stopping' ? 'Stopping…' : 'Stop';
  drawStages(Object.values(run.stages), over);
  drawFigures(run);
  if (curves) drawPlots([...chartsOf(run.metrics), ...Object.entries(run.plots)]);
  drawDetails(run);
}

function drawStages(stages: readonly StageProgress[], over: boolean): void {
  const rows = stages.map(({ stage, done, total, unit, values, secondsLeft }) => {
    const row = element('div', 'stage');
    const bar = element('progress');
    bar.setAttribute('aria-label', stage);
    if (total !== undefined) Object.assign(bar, { max: Math.max(1, total), value: done });
    const count = total === undefined ? `${figure(done)} ${unit}` : `${figure(done)} of ${figure(total)} ${unit}`;
    const left = secondsLeft === undefined || done === total || over ? '' : `${duration(secondsLeft)} left`;
    const latest = Object.entries(values ?? {})
      .filter(([name]) => name !== 'secondsLeft')
      .map(([name, value]) => `${name} ${figure(value)}`);
    row.append(
      element('strong', '', stage),
      bar,
      element('span', 'count', count),
      element('span', 'left', left),
      element('span', 'latest', latest.join(' · ')),
    );
    return row;
  });
  part('.stages').replaceChildren(...rows);
}

function drawFigures({ metrics }: LiveRun): void {
  const cards = Object.entries(metrics).map(([name, points]) => {
    const card = element('div', 'figure');
    const [step, value] = points.at(-1)!;
    card.title = `at ${step}`;
    card.append(element('span', 'name', name), element('span', 'value', value === null ? 'not finite' : figure(value)));
    return card;
  });
  part('.figures').replaceChildren(...cards);
}

function drawPlots(wanted: readonly (readonly [name: string, spec: PlotSpec])[]): void {
  for (const [name, spec] of wanted) {
    const text = JSON.stringify(spec);
    const there = plots.get(name);
    if (there === undefined) {
      const place = element('div', 'plot');
      part('.plots').append(place);
      plots.set(name, { place, shown: showPlot(place, spec), text });
    } else if (there.text !== text) {
      there.shown.update(spec);
      there.text = text;
    }
  }
}

function drawDetails({ params, files }: LiveRun): void {
  const table = (title: string, rows: readonly (readonly [string, string])[]): HTMLElement[] => {
    if (rows.length === 0) return [];
    const list = element('dl');
    for (const [name, value] of rows) list.append(element('dt', '', name), element('dd', '', value));
    return [element('h2', '', title), list];
  };
  part('.details').replaceChildren(
    ...table(
      'Parameters',
      Object.entries(params).map(([name, value]) => [name, String(value)]),
    ),
    ...table(
      'Files',
      Object.entries(files).map(([path, bytes]) => [path, `${figure(bytes)} bytes`]),
    ),
  );
}

function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  text = '',
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
