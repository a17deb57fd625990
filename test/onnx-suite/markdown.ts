import { readModel } from '@percept/onnx';
import type { SuiteCase } from './cases.js';
import { type EngineName, engineNames } from './engines.js';
import { operatorOf } from './operator-of.js';
import { byCause, type Outcome } from './outcome.js';

/** Everything that was run: outcomes by engine. */
export type Outcomes = ReadonlyMap<EngineName, readonly Outcome[]>;

const results = ['passed', 'unsupported', 'failed'] as const;

/** `N passed, N unsupported, N failed`. */
export function summary(outcomes: readonly Outcome[]): string {
  return results.map((result) => `${countOf(outcomes, result)} ${result}`).join(', ');
}

function countOf(outcomes: readonly Outcome[], result: Outcome['result']): number {
  return outcomes.filter((outcome) => outcome.result === result).length;
}

/** The section of docs/compatibility.md that the runner writes. */
export function markdownOf(
  version: string,
  cases: readonly SuiteCase[],
  outcomes: Outcomes,
  engines: Readonly<Record<EngineName, string>>,
): string {
  return [
    `The ${cases.length} backend node cases of the PyPI package onnx ${version} (opsets ${opsetRange(cases)}), computed by every engine`,
    'within the tolerance of the case. The table is written by `npm run onnx-suite -- --write`; the expanded form of a function',
    'counts for its operator. *Unsupported*: the engine says that it lacks the operator, the element type or the version; *failed*:',
    'it answers something else, or stops.',
    '',
    ...table(
      ['engine', 'passed', 'unsupported', 'failed'],
      engineNames.map((name) => [
        engines[name],
        ...results.map((result) => String(countOf(outcomes.get(name)!, result))),
      ]),
    ),
    '',
    '### What is not passed, and why',
    '',
    ...engineNames.flatMap((name) => causes(engines[name], outcomes.get(name)!)),
    '### Cases by operator',
    '',
    'passed / unsupported / failed.',
    '',
    ...byOperator(cases, outcomes),
  ].join('\n');
}

/** The oldest and the newest version of the standard operators that the cases import: every model is read for it. */
function opsetRange(cases: readonly SuiteCase[]): string {
  const versions = cases.map(({ model }) => readModel(model).opsets['']).filter((version) => version !== undefined);
  return `${Math.min(...versions)} to ${Math.max(...versions)}`;
}

/** What an engine does not pass: cause, number of cases, names. What it lacks is folded away. */
function causes(title: string, outcomes: readonly Outcome[]): string[] {
  const list = (result: Outcome['result']) =>
    byCause(outcomes, result).map(([cause, group]) => {
      const names = group.map(({ name }) => name.replace(/^test_/, '')).join(', ');
      return `- ${group.length}: ${plainText(cause)}<br><sub>${names}</sub>`;
    });
  const failed = list('failed');
  return [
    `**${title}**, failed:`,
    '',
    ...(failed.length === 0 ? ['- none'] : failed),
    '',
    `<details><summary>${title}, unsupported</summary>`,
    '',
    ...list('unsupported'),
    '',
    '</details>',
    '',
  ];
}

function plainText(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('|', '\\|').replaceAll('*', '\\*');
}

function byOperator(cases: readonly SuiteCase[], outcomes: Outcomes): string[] {
  const named = new Map(cases.map((suiteCase) => [suiteCase.name, suiteCase]));
  const operatorNames = new Map(cases.map((suiteCase) => [suiteCase.name, operatorOf(suiteCase, named)]));
  const operators = [...new Set(operatorNames.values())].sort((a, b) => a.localeCompare(b));
  const rows = operators.map((operator) => {
    const cells = engineNames.map((name) => {
      const own = outcomes.get(name)!.filter((outcome) => operatorNames.get(outcome.name) === operator);
      return results.map((result) => countOf(own, result)).join(' / ');
    });
    return [operator, ...cells];
  });
  return table(['operator', ...engineNames], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

const begin = '<!-- onnx-suite:begin -->';
const end = '<!-- onnx-suite:end -->';

/** The document with the section between the markers replaced; markers and a heading are added where there are none. */
export function withSection(document: string, section: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  const marked = `${begin}\n\n${section}\n\n${end}`;
  if (from < 0 || to < from) return `${document.trimEnd()}\n\n## ONNX operators, case by case\n\n${marked}\n`;
  return document.slice(0, from) + marked + document.slice(to + end.length);
}
