/// <reference path="./echarts-parts.d.ts" />
import { init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { install as bars } from 'echarts/lib/chart/bar/install.js';
import { install as custom } from 'echarts/lib/chart/custom/install.js';
import { install as lines } from 'echarts/lib/chart/line/install.js';
import { install as parallel } from 'echarts/lib/chart/parallel/install.js';
import { install as scatter } from 'echarts/lib/chart/scatter/install.js';
import { install as grid } from 'echarts/lib/component/grid/installSimple.js';
import { install as legend } from 'echarts/lib/component/legend/installLegendPlain.js';
import { install as title } from 'echarts/lib/component/title/install.js';
import { SVGRenderer } from 'echarts/renderers';
import { chartOption, type Drawing } from './chart-option.js';
import { escapeXml } from './escape-xml.js';
import { plainText } from './plain-text.js';
import { fontFamily } from './theme.js';

/** Tells ECharts what plots are made of; again is fine. */
export function useParts(): void {
  use([bars, custom, lines, parallel, scatter, grid, legend, title, LabelLayout, SVGRenderer]);
}

/** Draws a chart as an SVG document that depends on nothing but its argument. */
export function drawSvg(drawing: Drawing): string {
  useParts();
  const { width, height } = drawing;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    const option = chartOption(drawing);
    const series = (option.series as object[]).map((one) => ({ ...one, silent: true }));
    chart.setOption({ ...option, series });
    return canonical(chart.renderToSVGString(), drawing.title);
  } finally {
    chart.dispose();
  }
}

// How ECharts writes each round point.
const unitCircle =
  /<path d="M1 0A1 1 0 1 1 1 -0\.\d+A1 1 0 0 1 1 0" transform="matrix\(([\d.]+),0,0,[\d.]+,([-\d.]+),([-\d.]+)\)" ([^>]*)><\/path>/g;

/**
 * Makes ids depend on the content alone (ECharts counts charts up), which also keeps them apart in a page with several
 * plots, and takes away what is for interaction or cannot be seen: styles of the pointer, data attributes, frames without
 * colour, the font of each text, and digits below a tenth of a pixel.
 */
function canonical(svg: string, title: string): string {
  const bare = svg
    .replace(/<style >[\s\S]*?<\/style>\s*/g, '')
    .replace(/ (?:class|ecmeta_[a-z_]+|pointer-events|baseProfile|xml:space)="[^"]*"/g, '')
    .replace(/<path d="[^"]*"(?: transform="[^"]*")? fill="none"><\/path>\n/g, '')
    .replace(/<path [^>]* stroke-width="0"><\/path>\n/g, '')
    .replaceAll(`font-family:${fontFamily};`, '')
    .replace(/(id="|url\(#)zr\d+-/g, '$1zr-')
    .replace(unitCircle, '<circle r="$1" cx="$2" cy="$3" $4/>')
    // Symbols are drawn at the size of 1 and scaled: their digits count.
    .replace(/<path d="[^"]*"(?![^>]*matrix)| (?:transform|cx|cy)="[^"]*"/g, inTenths);
  const id = contentHash(bare);
  return bare
    .replace(/(id="|url\(#)zr-/g, `$1p${id}-`)
    .replace('<svg ', `<svg role="img" aria-label="${escapeXml(plainText(title))}" font-family="${fontFamily}" `)
    .trim();
}

/** A tenth of a pixel is finer than anyone sees. */
function inTenths(text: string): string {
  return text.replace(/\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10));
}

/** FNV-1a over UTF-16 code units, 32 bits as 8 hexadecimal digits. */
function contentHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
