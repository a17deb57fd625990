import type { Family } from './families.js';

/** Colours of a drawing. */
export interface DrawTheme {
  readonly background: string;
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly panel: string;
  /** Fill and border of the boxes of each family. */
  readonly families: Readonly<Record<Family, readonly [fill: string, border: string]>>;
}

// Hues of the Okabe–Ito palette, which colour-blind readers can tell apart, made pale (light) or deep (dark) so that text
// on them keeps a contrast above 7:1. Nearby families differ in lightness too.
const light: DrawTheme = {
  background: '#ffffff',
  ink: '#1b1f24',
  faint: '#454d56',
  line: '#8c959f',
  panel: '#f6f8fa',
  families: {
    convolution: ['#cfe3f7', '#0072b2'],
    linear: ['#b9d4ee', '#00507d'],
    activation: ['#fbe0cf', '#d55e00'],
    normalization: ['#d8f0e7', '#009e73'],
    pooling: ['#bfe6d7', '#00694d'],
    elementwise: ['#fdf6d2', '#b8a100'],
    reduction: ['#f7eeb0', '#8f7d00'],
    layout: ['#eaeef2', '#6e7781'],
    indexing: ['#dfe3e8', '#4b5563'],
    quantization: ['#f5dcea', '#cc79a7'],
    control: ['#ffe9c7', '#e69f00'],
    source: ['#ffffff', '#57606a'],
    other: ['#f6f8fa', '#8c959f'],
  },
};

const dark: DrawTheme = {
  background: '#0d1117',
  ink: '#f0f3f6',
  faint: '#a7b0ba',
  line: '#6e7781',
  panel: '#161b22',
  families: {
    convolution: ['#0b3a5c', '#56b4e9'],
    linear: ['#082b45', '#3a8fc4'],
    activation: ['#5a2a08', '#f0874a'],
    normalization: ['#0b4535', '#2cc79b'],
    pooling: ['#073226', '#1d9c78'],
    elementwise: ['#4a4304', '#f0e442'],
    reduction: ['#353003', '#b8a81a'],
    layout: ['#21262d', '#8b949e'],
    indexing: ['#2d333b', '#adb5bd'],
    quantization: ['#4d2440', '#e29cc4'],
    control: ['#513a05', '#e69f00'],
    source: ['#0d1117', '#a7b0ba'],
    other: ['#161b22', '#6e7781'],
  },
};

/** The themes by name. */
export const drawThemes = { light, dark } as const;

/** Style rules of one theme. Every element has a class; no element has a colour of its own. */
export function styleRules({ background, ink, faint, line, panel, families }: DrawTheme): string {
  const rules = [
    `.background{fill:${background}}`,
    `.title{fill:${ink};font-size:13px;font-weight:600}`,
    `.detail{fill:${faint};font-size:10.5px}`,
    `.label{fill:${faint};font-size:10px}`,
    `.halo{fill:${background};opacity:.85}`,
    `.edge{fill:none;stroke:${line};stroke-width:1.3}`,
    `.head{fill:${line}}`,
    `.panel{fill:${panel};stroke:${line};stroke-dasharray:4 3}`,
    ...Object.entries(families).map(
      ([family, [fill, border]]) => `.${family}{fill:${fill};stroke:${border};stroke-width:1.4}`,
    ),
  ];
  return rules.join('');
}
