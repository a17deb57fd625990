// Paul Tol's "bright" scheme (SRON technical note 3.2, 2021), which stays distinct for colour-blind readers and in print.
/** Colours of the series, in order. */
export const palette = ['#4477AA', '#EE6677', '#228833', '#CCBB44', '#66CCEE', '#AA3377', '#888888'];

/** Dashes that tell series apart once the colours start again. */
export const dashes = ['solid', 'dashed', 'dotted'] as const;

export const colors = { title: '#1f2933', text: '#46535f', axis: '#9aa5b1', grid: '#e6eaee', background: '#ffffff' };

// resvg is given DejaVu Sans as its sans-serif.
export const fontFamily = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
export const fontSize = { title: 17, label: 13 };

/** Space around everything, in pixels. */
export const margin = 20;
