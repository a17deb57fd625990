import { printable } from '../printable.js';
import type { ModelDescription } from './describe-model.js';

/** A {@link ModelDescription} as lines of text, with a table of operators. */
export function formatDescription(description: ModelDescription): string {
  const { name, producer, irVersion, opsets, inputs, outputs, operators, unknown } = description;
  const facts: [string, string][] = [
    ['model', name || '(no name)'],
    ['producer', producer || '(not given)'],
    [
      'operator sets',
      Object.entries(opsets)
        .map(([domain, opset]) => `${domain} ${opset}`)
        .join(', ') || 'none',
    ],
    ['IR version', `${irVersion}`],
    ...inputs.map((input): [string, string] => ['input', `${input.name}: ${input.type}`]),
    ...outputs.map((output): [string, string] => ['output', `${output.name}: ${output.type}`]),
    ['parameters', grouped(description.parameters)],
    ['constants', bytes(description.constantBytes)],
    [
      'MACs',
      unknown.length === 0
        ? grouped(description.macs)
        : `at least ${grouped(description.macs)}, ${unknown.length} nodes of unknown size`,
    ],
    ['peak activations', peakText(description)],
  ];
  const width = Math.max(...facts.map(([label]) => label.length));
  const rows = [
    ['operator', 'nodes', 'MACs', 'parameters'],
    ...operators.map((entry) => [entry.operator, grouped(entry.nodes), grouped(entry.macs), grouped(entry.parameters)]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  return [
    ...facts.map(([label, text]) => `${label.padEnd(width)}  ${text}`),
    '',
    line(rows[0]!),
    line(widths.map((count) => '─'.repeat(count))),
    ...rows.slice(1).map(line),
  ]
    .map(printable)
    .join('\n');
}

function peakText({ peakActivationBytes, peakNode }: ModelDescription): string {
  if (peakActivationBytes === undefined) return 'unknown, give input sizes';
  return `${bytes(peakActivationBytes)}${peakNode === undefined ? '' : ` at ${peakNode}`}`;
}

function grouped(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');
}

function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let [value, unit] = [count, 0];
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
