import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { base64, imageType } from './embedded-image.js';
import { escapeXml } from './escape-xml.js';
import { pageStyle } from './page-style.js';
import type { Plot } from './plot.js';
import type { PlotSpec } from './plot-spec.js';
import { plotFromSpec } from './plots.js';
import { sortScriptElement, sortScriptHash } from './sort-script.js';
import { columnsSchema, formatTable, rowsSchema, type TableColumn, type TableRow } from './text-table.js';

/** A part of a page; what is given is shown in the order of the fields. */
export interface HtmlSection {
  heading?: string;
  /** Plain text; a blank line starts a new paragraph. */
  text?: string;
  /** Markup of your own, put into the page **unescaped**. Never build it from text that others wrote. */
  html?: string;
  /** A plot, or the spec of one. */
  plot?: Pick<Plot, 'toSvg'> | PlotSpec;
  /** Rows as for `textTable`. */
  table?: readonly TableRow[];
  /** Columns of `table`, as for `textTable`. */
  columns?: readonly TableColumn[];
  /** Small pictures side by side, embedded into the page. */
  thumbnails?: readonly HtmlThumbnail[];
}

/** A small picture in a page. Keep it small: its bytes become a third more inside the page. */
export interface HtmlThumbnail {
  /** A PNG, JPEG, GIF or WebP file. */
  bytes: Uint8Array;
  /** What stands below it, and what is read out in its place. */
  caption: string;
}

/** Options of {@link htmlPage}. */
export interface HtmlPageOptions {
  title: string;
  sections: readonly HtmlSection[];
}

const narrowWidth = 400;

const schema = z.strictObject({
  title: z.string(),
  sections: z.array(
    z.strictObject({
      heading: z.string().optional(),
      text: z.string().optional(),
      html: z.string().optional(),
      plot: z.custom<Pick<Plot, 'toSvg'> | PlotSpec>(isPlot, 'a plot').optional(),
      table: rowsSchema.optional(),
      columns: columnsSchema.optional(),
      thumbnails: z
        .array(
          z.strictObject({
            bytes: z.custom<Uint8Array>(
              (value) => value instanceof Uint8Array && imageType(value) !== undefined,
              'the bytes of a PNG, JPEG, GIF or WebP file',
            ),
            caption: z.string(),
          }),
        )
        .optional(),
    }),
  ),
});

/**
 * A page as one HTML document that needs nothing else, for a browser without network: readable in light and dark, on a
 * phone and on paper; tables are sorted by a click on a column. Titles, headings, text, captions and table cells are
 * escaped, and a content security policy keeps the page from loading anything and from running any script but its own
 * few lines, also from `html` sections.
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
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '${sortScriptHash}'">
<title>${escapeXml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${sections.map((section) => sectionHtml(section as HtmlSection)).join('\n')}
</main>
${sortScriptElement}
</body>
</html>
`;
}

function sectionHtml({ heading, text, html, plot, table, columns, thumbnails }: HtmlSection): string {
  const parts = [
    heading === undefined ? '' : `<h2>${escapeXml(heading)}</h2>`,
    ...(text ?? '')
      .split(/\n\s*\n/)
      .map((paragraph) => (paragraph === '' ? '' : `<p>${escapeXml(paragraph.trim())}</p>`)),
    html ?? '',
    plot === undefined ? '' : figureHtml('kind' in plot ? plotFromSpec(plot) : plot),
    table === undefined ? '' : tableHtml(table, columns),
    thumbnails === undefined ? '' : thumbnailsHtml(thumbnails),
  ];
  return `<section>\n${parts.filter((part) => part !== '').join('\n')}\n</section>`;
}

/** A plot twice, for wide and for narrow screens: scaled down to a phone's width its letters could not be read. */
function figureHtml(plot: Pick<Plot, 'toSvg'> & Partial<Pick<Plot, 'spec'>>): string {
  const wide = plot.toSvg();
  if (plot.spec === undefined) return `<figure>${wide}</figure>`;
  const narrow = plotFromSpec({ ...plot.spec, width: narrowWidth }).toSvg();
  return `<figure class="broad">${wide}</figure>\n<figure class="narrow">${narrow}</figure>`;
}

function thumbnailsHtml(thumbnails: readonly HtmlThumbnail[]): string {
  const items = thumbnails.map(({ bytes, caption }) => {
    const text = escapeXml(caption);
    return `<figure><img src="data:${imageType(bytes)};base64,${base64(bytes)}" alt="${text}"><figcaption>${text}</figcaption></figure>`;
  });
  return `<div class="thumbnails">\n${items.join('\n')}\n</div>`;
}

function tableHtml(rows: readonly TableRow[], chosen: readonly TableColumn[] | undefined): string {
  const table = formatTable(rows, chosen);
  const align = (column: number): string => (table.columns[column]!.align === 'right' ? ' class="number"' : '');
  const head = table.columns
    .map(({ title }, i) => `<th scope="col"${align(i)}><button type="button">${escapeXml(title)}</button></th>`)
    .join('');
  const body = table.rows
    .map((cells, r) => {
      // Numbers are sorted by what they are, not by how they are written.
      const value = (column: number): string => {
        const raw = rows[r]![table.columns[column]!.key];
        return typeof raw === 'number' || typeof raw === 'bigint' ? ` data-value="${raw}"` : '';
      };
      return `<tr>${cells.map((cell, i) => `<td${align(i)}${value(i)}>${escapeXml(cell)}</td>`).join('')}</tr>`;
    })
    .join('\n');
  return `<div class="wide"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`;
}

function isPlot(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'toSvg' in value ? typeof value.toSvg === 'function' : 'kind' in value;
}
