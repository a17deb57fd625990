import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../graph-builder.js';
import type { Graph, Model } from '../../model.js';
import { noPublishedModels, publishedModels, readPublishedModel } from '../published-models.fixture.js';
import { drawSvg } from './draw-svg.js';
import { drawText } from './draw-text.js';
import { drawThemes } from './theme.js';

/** x → Relu → If (two branches that read it) → Gemm → y. */
function nested(): Model {
  const g = new GraphBuilder('nested <graph> & "more"');
  const x = g.input('x', 'float32', ['N', 4]);
  const branch = (name: string, operators: string[]): Graph => ({
    ...new GraphBuilder(name).build().graph,
    nodes: operators.map((opType, at) => ({
      name: '',
      opType,
      domain: '',
      inputs: [at === 0 ? 'r' : `${name}_${at - 1}`],
      outputs: [at === operators.length - 1 ? name : `${name}_${at}`],
      attributes: {},
      docString: '',
    })),
    outputs: [{ name, type: 'float32', dims: ['N', 4], docString: '' }],
  });
  g.node('Relu', [x], {}, { outputs: ['r'], name: '</title><script>' });
  const attributes = {
    then_branch: { type: 'graph', value: branch('t', ['Exp', 'Neg']) },
    else_branch: { type: 'graph', value: branch('e', ['Sigmoid']) },
  } as const;
  g.node('If', [g.input('c', 'bool', [])], attributes, { outputs: ['i'] });
  const scale = g.constant(tensor('float32', [], [0.5]));
  const scaled = g.node('Mul', ['i', scale]);
  const weight = g.initializer('w', tensor('float32', [4, 2]));
  g.output(g.node('Gemm', [scaled, weight], { alpha: 0.25 }, { outputs: ['y'] }), 'float32', ['N', 2]);
  return g.build();
}

/** A long row: (Conv → Relu) × count. */
function row(count: number): Model {
  const g = new GraphBuilder('row');
  let value = g.input('x', 'float32', [1, 3, 8, 8]);
  for (let at = 0; at < count; at++) {
    const weight = g.constant(tensor('float32', [3, 3, 1, 1]));
    value = g.node('Relu', [g.node('Conv', [value, weight])]);
  }
  g.output(value, 'float32', [1, 3, 8, 8]);
  return g.build();
}

const count = (svg: string, pattern: RegExp): number => svg.match(pattern)?.length ?? 0;

describe('drawText', () => {
  it('lists nodes by number, with nested graphs below their node', () => {
    expect(drawText(nested())).toMatchInlineSnapshot(`
      "nested <graph> & "more": 7 nodes
         #  operator       reads    makes           attributes
            input                   x float32[N,4]
            input                   c bool[]
         1  Relu           x        float32[N,4]
         2  If             c        float32[N,4]
            └ then_branch
      2a.1    Exp          1        float32[N,4]
      2a.2    Neg          2a.1     float32[N,4]
              output       2a.2     t float32[N,4]
            └ else_branch
      2b.1    Sigmoid      1        float32[N,4]
              output       2b.1     e float32[N,4]
         3  Mul            2 0.5    float32[N,4]
         4  Gemm           3 [4,2]  float32[N,2]    alpha 0.25
            output         4        y float32[N,2]"
    `);
  });

  it('shows the ends of a long model', () => {
    const text = drawText(row(100), { maxNodes: 10 });
    expect(text.split('\n').length).toBeLessThan(18);
    expect(text).toMatch(/row: 200 nodes/);
    expect(text).toMatch(/⋮ 190 more nodes/);
    expect(text).toMatch(/200 {2}Relu {2}/);
  });

  it.skipIf(noPublishedModels !== undefined)(`keeps lines of published models short ${noPublishedModels ?? ''}`, () => {
    for (const path of publishedModels().keys()) {
      const lines = drawText(readPublishedModel(path)).split('\n');
      expect(Math.max(...lines.map(({ length }) => length)), path).toBeLessThan(180);
    }
  });
});

describe('drawSvg', () => {
  it('draws every node, input and output once, and nested graphs inside their node', () => {
    const svg = drawSvg(nested(), { theme: 'light' });
    for (const title of ['Relu', 'If', 'Mul', 'Gemm', 'Exp', 'Neg', 'Sigmoid', 'x', 'c', 'y', 't', 'e']) {
      expect(count(svg, new RegExp(`class="title"[^>]*>${title}<`, 'g')), title).toBe(1);
    }
    expect(count(svg, /class="panel"/g)).toBe(2);
    expect(count(svg, /class="edge"/g)).toBe(9);
    expect(svg).toContain('>N×4<');
    expect(svg).toContain('>4×2<');
    expect(svg).toContain('alpha 0.25');
  });

  it('escapes every name', () => {
    const model = nested();
    model.graph.nodes[0]!.outputs[0] = 'r';
    model.graph.inputs[0]!.name = '<b>"\u0007';
    model.graph.nodes[0]!.inputs[0] = '<b>"\u0007';
    const svg = drawSvg(model);
    expect(svg).toContain('nested &lt;graph&gt; &amp; &quot;more&quot;');
    expect(svg).toContain('&lt;b&gt;&quot;\ufffd');
    for (const text of ['<script', '<b>', '\u0007']) expect(svg).not.toContain(text);
  });

  it('is the same each time, and has one theme or both', () => {
    const [light, dark, both] = (['light', 'dark', 'auto'] as const).map((theme) => drawSvg(nested(), { theme }));
    expect(drawSvg(nested())).toBe(both);
    expect(light).toContain(drawThemes.light.families.convolution[0]);
    expect(light).not.toContain(drawThemes.dark.background);
    expect(dark).not.toContain(drawThemes.light.families.convolution[0]);
    expect(both).toMatch(/@media \(prefers-color-scheme:dark\)/);
  });

  it('has text that can be read on every colour', () => {
    const luminance = (color: string): number => {
      const [r, g, b] = [1, 3, 5].map((at) => {
        const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const contrast = (a: string, b: string): number => {
      const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
      return (high! + 0.05) / (low! + 0.05);
    };
    for (const { ink, faint, background, families } of Object.values(drawThemes)) {
      for (const [fill] of [...Object.values(families), [background]]) {
        expect(contrast(ink, fill!)).toBeGreaterThan(7);
        expect(contrast(faint, fill!)).toBeGreaterThan(4.5);
      }
    }
  });

  it('folds chains, then stretches, where there are too many nodes', () => {
    const drawn = (svg: string): number => count(svg, /<g transform="translate\([^"]*"><title>/g) - 2;
    expect(drawn(drawSvg(row(10), { maxNodes: 20 }))).toBe(20);
    const chain = drawSvg(row(50), { maxNodes: 20 });
    expect(drawn(chain)).toBe(1);
    expect(chain).toContain('>Conv → Relu  ×50<');
    expect(chain).toContain('>100 nodes<');
    const g = new GraphBuilder('ladder');
    let value = g.input('x', 'float32', [2]);
    for (let at = 0; at < 60; at++) value = g.node('Add', [value, g.node('Relu', [value])]);
    g.output(value, 'float32', [2]);
    const ladder = drawSvg(g.build(), { maxNodes: 30 });
    expect(drawn(ladder)).toBeLessThanOrEqual(30);
    expect(drawn(ladder)).toBeGreaterThan(10);
  });

  it.each([[{ theme: 'blue' }], [{ maxNodes: 0 }]])('refuses %j', (options) => {
    expect(() => drawSvg(nested(), options as object)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it.skipIf(noPublishedModels !== undefined)(`draws published models ${noPublishedModels ?? ''}`, () => {
    for (const path of publishedModels().keys()) {
      const svg = drawSvg(readPublishedModel(path), { maxNodes: 150 });
      expect(svg.length, path).toBeLessThan(150_000);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });
});
