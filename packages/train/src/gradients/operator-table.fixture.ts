// The table of operators with a gradient in docs/compatibility.md. Written by
// `node --conditions=@percept/source --import tsx test/train-gradients/write-table.ts`.
import assert from 'node:assert/strict';
import type { Case } from './recorded-cases.fixture.js';

/** Largest errors of an operator against PyTorch, relative to the largest element of a gradient. */
export interface OperatorErrors {
  readonly cpu: number;
  readonly wasm: number;
}

const begin = '<!-- train-gradients:begin -->';
const end = '<!-- train-gradients:end -->';

/** The section of the document that is written, without its marks. */
export function sectionOf(document: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  assert(from >= 0 && to >= from, `Expected ${begin} and ${end} in the document`);
  return document.slice(from + begin.length, to).trim();
}

/** The document with another section. */
export function withSection(document: string, section: string): string {
  return document.replace(`${begin}\n\n${sectionOf(document)}\n`, () => `${begin}\n\n${section}\n`);
}

/** The section, from what was recorded and what was measured. */
export function tableOf(
  operators: readonly string[],
  { tool, cases }: { readonly tool: string; readonly cases: readonly Case[] },
  errors: ReadonlyMap<string, OperatorErrors>,
): string {
  const rows = [...operators].sort().map((operator) => {
    // What is quantized is dequantized behind it.
    const recorded = operator === 'DequantizeLinear' ? 'QuantizeLinear' : operator;
    const variants = cases.filter((entry) => entry.operator === recorded).map(({ name }) => name);
    const { cpu, wasm } = errors.get(operator) ?? { cpu: Number.NaN, wasm: Number.NaN };
    return [operator, variants.join('; '), cpu.toExponential(0), wasm.toExponential(0)];
  });
  return [
    `Every variant against ${tool} in float64: the largest error of any gradient, relative to its largest element, as measured`,
    'on Linux x64. The tests ask for less than 1e-5, and for the same within 1e-6 of central differences in float64.',
    '',
    ...aligned([['operator', 'variants tested', 'cpu', 'wasm'], ...rows]),
  ].join('\n');
}

/** The errors that a section tells. */
export function errorsIn(section: string): ReadonlyMap<string, OperatorErrors> {
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return new Map(
    rows.slice(2).map((row) => {
      const [, operator, , cpu, wasm] = row.split('|').map((cell) => cell.trim());
      return [operator!, { cpu: Number(cpu), wasm: Number(wasm) }];
    }),
  );
}

function aligned([head, ...rows]: readonly (readonly string[])[]): string[] {
  const widths = head!.map((_, column) => Math.max(...[head!, ...rows].map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
