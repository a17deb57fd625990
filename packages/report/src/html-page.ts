import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { escapeXml } from './escape-xml.js';
import { pageStyle } from './page-style.js';
import type { Plot } from './plot.js';
import { columnsSchema, formatTable, rowsSchema, type TableColumn, type TableRow } from './text-table.js';

/** A part of a page; what is given is shown in the order of the fields. */
export interface HtmlSection {
  heading?: string;
  /** Plain text; a blank line starts a new paragraph. */
  text?: string;
  /** Markup of your own, put into the page **unescaped**. Never build it from text that others wrote. */
  html?: string;
  plot?: Pick<Plot, 'toSvg'>;
  /** Rows as for `textTable`. */
  table?: readonly TableRow[];
  /** Columns of `table`, as for `textTable`. */
  columns?: readonly TableColumn[];
}

/** Options of {@link htmlPage}. */
export interface HtmlPageOptions {
  title: string;
  sections: readonly HtmlSection[];
}

const schema = z.strictObject({
  title: z.string(),
  sections: z.array(
    z.strictObject({
      heading: z.string().optional(),
      text: z.string().optional(),
      html: z.string().optional(),
      plot: z.custom<Pick<Plot, 'toSvg'>>(isPlot, 'a plot').optional(),
      table: rowsSchema.optional(),
      columns: columnsSchema.optional(),
    }),
  ),
});

/**
 * A page as one HTML document that needs nothing else: no script, no network, readable in light and dark and on paper.
 * Titles, headings, text and table cells are escaped, and a content security policy keeps the page from running scripts
 * and from loading anything, also from `html` sections.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when the options are not of their form
 */
export function htmlPage(options: HtmlPageOptions): string {
  const { title, sections } = parseOptions(schema, options, 'htmlPage() options');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeXml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${sections.map((section) => sectionHtml(section as HtmlSection)).join('\n')}
</main>
</body>
</html>
`;
}

function sectionHtml({ heading, text, html, plot, table, columns }: HtmlSection): string {
  const parts = [
    heading === undefined ? '' : `<h2>${escapeXml(heading)}</h2>`,
    ...(text ?? '')
      .split(/\n\s*\n/)
      .map((paragraph) => (paragraph === '' ? '' : `<p>${escapeXml(paragraph.trim())}</p>`)),
    html ?? '',
    plot === undefined ? '' : `<figure>${plot.toSvg()}</figure>`,
    table === undefined ? '' : tableHtml(table, columns),
  ];
  return `<section>\n${parts.filter((part) => part !== '').join('\n')}\n</section>`;
}

function tableHtml(rows: readonly TableRow[], chosen: readonly TableColumn[] | undefined): string {
  const table = formatTable(rows, chosen);
  const row = (tag: 'th' | 'td', cells: readonly string[]): string =>
    `<tr>${cells
      .map(
        (cell, i) =>
          `<${tag}${table.columns[i]!.align === 'right' ? ' class="number"' : ''}>${escapeXml(cell)}</${tag}>`,
      )
      .join('')}</tr>`;
  const head = row(
    'th',
    table.columns.map(({ title }) => title),
  );
  const body = table.rows.map((cells) => row('td', cells)).join('\n');
  return `<div class="wide"><table>\n<thead>${head}</thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`;
}

function isPlot(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'toSvg' in value && typeof value.toSvg === 'function';
}
