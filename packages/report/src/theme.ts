// Paul Tol's "bright" scheme (SRON technical note 3.2, 2021), which stays distinct for colour-blind readers and in print.
/** Colours of the series, in order. */
export const palette = ['#4477AA', '#EE6677', '#228833', '#CCBB44', '#66CCEE', '#AA3377', '#888888'];

/** Dashes that tell series apart once the colours start again. */
export const dashes = ['solid', 'dashed', 'dotted'] as const;

export const colors = {
  title: '#1f2933',
  text: '#46535f',
  axis: '#9aa5b1',
  grid: '#e6eaee',
  background: '#ffffff',
  /** A cell of a heat map without a value. */
  missing: '#d5d9dd',
  /** Text on cells of the lower and the upper half of a heat map. */
  onLow: '#1f2934',
  onHigh: '#fffffe',
};

/** From low to high: one hue, growing darker, so that order can be seen without telling hues apart. */
const heat = [
  '#f2f6fa',
  '#e0eaf3',
  '#cadcec',
  '#b0cbe3',
  '#92b7d8',
  '#73a1cb',
  '#578abb',
  '#4075a8',
  '#2f6192',
  '#214e7a',
  '#163c62',
];

/** How many colours are told apart between low and high. */
const heatSteps = heat.length;

/** The colour of a share between low (0) and high (1). */
export function heatColor(share: number): string {
  return heat[Math.round(Math.min(1, Math.max(0, share)) * (heatSteps - 1))]!;
}

/** Whether a plot is drawn for a light or a dark surrounding. */
export type PlotTheme = 'light' | 'dark';

/** What each colour of a light plot becomes in the dark: same hues, lightness chosen for a dark surface. */
export const darkColors: ReadonlyMap<string, string> = new Map([
  [colors.title, '#e8ebee'],
  [colors.text, '#b4bec8'],
  [colors.axis, '#6b7680'],
  [colors.grid, '#33383d'],
  [colors.background, '#1f1f1f'],
  [colors.missing, '#3a3f44'],
  [colors.onLow, '#eef2f5'],
  [colors.onHigh, '#101820'],
  ...palette.map((color, i): [string, string] => [
    color,
    ['#6ea3d8', '#ff8090', '#4fb560', '#dccb5a', '#7fd8f5', '#d065a0', '#a8a8a8'][i]!,
  ]),
  ...heat.map((color, i): [string, string] => [
    color,
    [
      '#26313b',
      '#29394a',
      '#2c4259',
      '#304d6a',
      '#365a7d',
      '#3e6a93',
      '#4a7ca9',
      '#5d91be',
      '#79a9d2',
      '#9cc3e4',
      '#c4def3',
    ][i]!,
  ]),
]);

// resvg is given DejaVu Sans as its sans-serif.
export const fontFamily = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
export const fontSize = { title: 17, label: 13 };

/** Space around everything, in pixels. */
export const margin = 20;
