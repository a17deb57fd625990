// Parts of ECharts that its types leave out; its `charts` and `components` entries, which have types, load every chart
// there is and take Node a quarter of a second.
declare module 'echarts/lib/*.js' {
  export const install: Extract<Parameters<typeof import('echarts/core')['use']>[0], (...args: never) => unknown>;
}
