import { readFileSync } from 'node:fs';
import { isPerceptError, type Tensor, tensor } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../graph-builder.js';
import type { Graph, Model } from '../../model.js';
import { readModel } from '../../read-model.js';
import { nodeModelCases } from '../node-models.fixture.js';
import { noPublishedModels, publishedModels, readPublishedModel } from '../published-models.fixture.js';
import { randomModel } from '../random-graph.fixture.js';
import { assertValidModel, checkModel } from './check-model.js';

const broken: { cases: { name: string; message: string; model: string }[] } = JSON.parse(
  readFileSync(new URL('../../../../../test/goldens/onnx/checker.json', import.meta.url), 'utf8'),
);

/** Which rules a recorded model breaks; `unreadable` where already reading refuses it. */
function verdict(bytes: Uint8Array): string {
  let model: Model;
  try {
    model = readModel(bytes);
  } catch (error) {
    if (isPerceptError(error, 'ONNX_MODEL_MALFORMED')) return 'unreadable';
    throw error;
  }
  return [...new Set(checkModel(model).map(({ rule }) => rule))].join(', ');
}

describe('checkModel on models that onnx.checker refuses', () => {
  it('refuses every one of them, by the rule that it breaks', () => {
    const verdicts = broken.cases.map(({ name, model }) => [
      name,
      verdict(new Uint8Array(Buffer.from(model, 'base64'))),
    ]);
    expect(verdicts.filter(([, rules]) => rules === '')).toEqual([]);
    expect(Object.fromEntries(verdicts)).toMatchInlineSnapshot(`
      {
        "attribute_of_earlier_version": "attribute",
        "attribute_of_later_version": "attribute",
        "attribute_of_wrong_kind": "attribute",
        "attribute_twice": "unreadable",
        "attribute_without_name": "name, attribute",
        "axis_out_of_range": "shape",
        "branch_does_not_make_its_output": "output-not-made",
        "branch_hides_outer_value": "single-assignment",
        "branch_reads_what_comes_later": "undefined-value",
        "branch_reads_what_nothing_makes": "undefined-value",
        "branch_with_attribute_of_wrong_kind": "attribute",
        "branch_with_unknown_operator": "unknown-operator",
        "cast_to_undefined": "shape",
        "concat_of_other_ranks": "shape",
        "cycle": "undefined-value",
        "deprecated_scatter": "deprecated-operator",
        "deprecated_upsample": "deprecated-operator",
        "external_data_at_absolute_path": "external-data",
        "external_data_outside_the_folder": "external-data",
        "external_data_without_location": "external-data",
        "function_calls_itself": "function",
        "function_makes_a_value_twice": "single-assignment",
        "function_of_incompatible_opset": "opset-import",
        "function_reads_what_nothing_makes": "undefined-value",
        "function_twice": "function",
        "function_with_two_attributes_of_one_name": "function",
        "function_with_two_inputs_of_one_name": "single-assignment",
        "function_with_two_outputs_of_one_name": "function",
        "function_with_unknown_operator": "unknown-operator",
        "function_without_name": "name",
        "functions_call_each_other": "function",
        "graph_without_name": "name",
        "index_of_wrong_type": "type-constraint",
        "initializer_in_the_wrong_field": "unreadable",
        "initializer_no_input_before_ir_4": "value-type",
        "initializer_of_strings_in_raw_data": "unreadable",
        "initializer_twice": "unreadable",
        "initializer_with_negative_size": "unreadable",
        "initializer_with_too_little_data": "unreadable",
        "initializer_without_element_type": "tensor-data",
        "initializer_without_name": "name",
        "input_without_name": "name",
        "input_without_shape": "value-type",
        "input_without_type": "value-type",
        "int_instead_of_float": "attribute",
        "ints_instead_of_int": "attribute",
        "ir_version_missing": "ir-version, opset-import",
        "ir_version_too_new": "ir-version",
        "matrices_do_not_fit": "shape",
        "no_input_and_no_output": "output-count, input-count",
        "no_opset_import": "opset-import",
        "node_makes_one_value_twice": "single-assignment",
        "node_overwrites_initializer": "single-assignment",
        "node_overwrites_input": "single-assignment",
        "operator_of_earlier_domain_version": "unknown-operator",
        "operator_of_later_opset": "unknown-operator",
        "operator_without_type": "name, unknown-operator",
        "opset_import_before_ir_3": "opset-import",
        "other_domain_not_imported": "opset-import",
        "output_declared_of_other_rank": "shape",
        "output_declared_of_other_shape": "shape",
        "output_declared_of_other_type": "shape",
        "output_not_made": "output-not-made",
        "output_without_element_type": "value-type",
        "required_attribute_missing": "attribute",
        "required_input_left_out": "input-count",
        "required_kernel_shape_missing": "attribute",
        "shapes_do_not_broadcast": "shape",
        "sparse_coordinates_out_of_range": "sparse-tensor",
        "sparse_index_out_of_range": "sparse-tensor",
        "sparse_indices_not_ascending": "sparse-tensor",
        "sparse_indices_of_int32": "sparse-tensor",
        "sparse_indices_of_other_length": "sparse-tensor",
        "sparse_without_rank": "sparse-tensor",
        "string_instead_of_ints": "attribute",
        "too_few_inputs": "input-count",
        "too_few_outputs": "output-count",
        "too_many_inputs": "input-count",
        "too_many_outputs": "output-count",
        "two_inputs_of_one_name": "single-assignment",
        "type_not_allowed": "type-constraint",
        "types_that_must_be_equal": "type-constraint",
        "unknown_attribute": "attribute",
        "unknown_operator": "unknown-operator",
        "unknown_operator_of_ml": "unknown-operator",
        "value_made_twice": "single-assignment",
        "value_never_made": "undefined-value",
        "value_used_before_made": "undefined-value",
        "variadic_without_inputs": "input-count",
      }
    `);
  });
});

describe('checkModel on valid models', () => {
  it('finds nothing wrong with the node cases of the reference implementation', () => {
    const found = nodeModelCases().flatMap(({ name, model }) => {
      const read = readModel(model);
      // The recorded models declare no types of their outputs, which the rules ask for.
      return checkModel(read)
        .filter(({ rule, message }) => !(rule === 'value-type' && message.includes('an input or output of the model')))
        .map(({ message }) => `${name}: ${message}`);
    });
    expect(found).toEqual([]);
  });

  it.skipIf(noPublishedModels !== undefined)(
    `finds nothing wrong with published models ${noPublishedModels ?? ''}`,
    () => {
      for (const path of publishedModels().keys()) expect(checkModel(readPublishedModel(path)), path).toEqual([]);
    },
  );

  it('finds nothing wrong with random graphs', () => {
    fc.assert(
      fc.property(randomModel, (model) => {
        expect(checkModel(model)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('messages', () => {
  const sample = (): Model => {
    const g = new GraphBuilder('sample');
    const x = g.input('x', 'float32', [1, 3, 8, 8]);
    const weight = g.initializer('weight', tensor('float32', [4, 3, 3, 3]));
    g.output(
      g.node('Conv', [x, weight], { pads: [1, 1, 1, 1] }, { name: 'conv1', outputs: ['y'] }),
      'float32',
      [1, 4, 8, 8],
    );
    return g.build();
  };
  const first = (change: (model: Model) => void) => {
    const model = sample();
    change(model);
    return checkModel(model)[0];
  };

  /** What is wrong with a node of some inputs, given by their shapes, or as constants. */
  const about = (
    opType: string,
    inputs: readonly (number[] | Tensor | '')[],
    attributes = {},
    { opset = 18, outputs = 1 } = {},
  ) => {
    const g = new GraphBuilder('one', { opset });
    const names = inputs.map((input, at) => {
      if (input === '') return '';
      return 'data' in input ? g.constant(input) : g.input(`x${at}`, 'float32', input);
    });
    const made = Array.from({ length: outputs }, (_, at) => `y${at}`);
    g.node(opType, names, attributes, { outputs: made });
    const model = g.build();
    return checkModel(model)
      .map(({ rule, message }) => `${rule}: ${message}`)
      .join('\n');
  };
  const image = [1, 3, 4, 4];
  const floats = (...values: number[]): Tensor => tensor('float32', [values.length], values);
  const longs = (...values: number[]): Tensor => tensor('int64', [values.length], values.map(BigInt));

  it.each([
    ['BatchNormalization', [image, [3], [4], [3], [3]], {}, {}, /channels and input 2 but received 3 and 4/],
    ['BatchNormalization', [image, [3], [3], [3], [1, 3]], {}, {}, /a vector for input 4/],
    ['BatchNormalization', [image, [3], [3], [3], [3]], {}, { outputs: 3 }, /training_mode 1/],
    ['InstanceNormalization', [image, [3], [2]], {}, {}, /channels and input 2 but received 3 and 2/],
    ['GroupNormalization', [image, [3], [2]], { num_groups: 3 }, { opset: 21 }, /received 3 and 2/],
    ['Resize', [image], {}, {}, /either scales or sizes but received neither/],
    ['Resize', [image, '', floats(1, 1, 2, 2), longs(1, 3, 8, 8)], {}, {}, /either scales or sizes but received both/],
    ['Resize', [image, '', floats(2, 2)], {}, {}, /4 scales, one per axis, but received 2/],
    ['Resize', [image, '', '', longs(8, 8, 8)], { axes: [2, 3] }, {}, /2 sizes, one per axis, but received 3/],
    ['GridSample', [image, [1, 2, 2, 3]], {}, {}, /received 3 and 2/],
    ['GridSample', [image, [2, 2, 2, 2]], {}, {}, /the batches but received 1 and 2/],
    ['GridSample', [image, [1, 2, 2, 2, 2]], {}, {}, /a grid of rank 4 but received rank 5/],
    ['Split', [[4]], {}, { outputs: 2 }, /num_outputs or an input split/],
    ['Split', [[4]], { num_outputs: 3 }, { outputs: 2 }, /3 outputs but received 2/],
    [
      'LSTM',
      [
        [4, 2],
        [1, 8, 2],
        [1, 8, 2],
      ],
      { hidden_size: 2 },
      {},
      /three dimensions for input 0 but received 2/,
    ],
    ['OneHot', [[4], tensor('int64', [], [3n]), [3]], {}, {}, /two values, off and on, but received 3/],
    ['Cast', [[4]], { to: -1 }, {}, /an element type for attribute to but received -1/],
    [
      'Attention',
      [
        [1, 2, 6],
        [1, 2, 6],
        [1, 2, 6],
      ],
      { kv_num_heads: 2 },
      { opset: 23 },
      /attribute q_num_heads/,
    ],
  ] as const)('name what does not fit in %s (case %#)', (opType, inputs, attributes, options, words) => {
    const found = about(opType, inputs as readonly (number[] | Tensor | '')[], attributes, options);
    expect(found).toMatch(words);
    expect(found).toMatch(new RegExp(`^shape: .* in ${opType} \\(makes y0`));
  });

  it('count the inputs of a body', () => {
    const g = new GraphBuilder('loop', { opset: 18 });
    const body = new GraphBuilder('body', { opset: 18 });
    body.input('i', 'int64', []);
    body.output(body.node('Identity', [body.input('c', 'bool', [])], {}, { outputs: ['d'] }), 'bool', []);
    const inputs = [g.constant(tensor('int64', [], [3n])), '', g.input('x', 'float32', [2])];
    g.output(
      g.node('Loop', inputs, { body: { type: 'graph', value: body.build().graph } }, { outputs: ['y'] }),
      'float32',
      [2],
    );
    expect(checkModel(g.build())[0]!.message).toMatch(/3 inputs of graph body but it has 2 in Loop/);
  });

  it('ask one value of a constant', () => {
    const none = first(({ graph }) => {
      graph.nodes.unshift({
        ...graph.nodes[0]!,
        name: 'c',
        opType: 'Constant',
        inputs: [],
        outputs: ['v'],
        attributes: {},
      });
    });
    expect(none).toMatchObject({
      rule: 'attribute',
      node: 'c',
      message: expect.stringMatching(/one value but received 0/),
    });
    const two = first(({ graph }) => {
      const attributes = { value_int: { type: 'int', value: 1 }, value_float: { type: 'float', value: 1 } } as const;
      graph.nodes.unshift({ ...graph.nodes[0]!, opType: 'Constant', inputs: [], outputs: ['v'], attributes });
    });
    expect(two!.message).toMatch(/one value but received 2/);
  });

  it('name the node, the rule and what was expected', () => {
    expect(checkModel(sample())).toEqual([]);
    expect(first(({ graph }) => graph.nodes[0]!.inputs.pop())).toEqual({
      rule: 'input-count',
      message: 'Expected 2 to 3 inputs but received 1 in Conv "conv1" (makes y)',
      node: 'conv1',
      graph: 'main',
    });
    expect(first(({ graph }) => (graph.nodes[0]!.attributes.pads = { type: 'int', value: 1 }))?.message).toBe(
      'Expected attribute pads of kind ints but received int in Conv "conv1" (makes y)',
    );
    expect(first(({ graph }) => (graph.nodes[0]!.attributes.padding = { type: 'int', value: 1 }))?.message).toBe(
      'Expected no attribute "padding" in Conv of opset 11 in Conv "conv1" (makes y)',
    );
    expect(first(({ graph }) => (graph.nodes[0]!.opType = 'Gelu'))?.message).toMatch(
      /an operator of ai.onnx 17 but it came with 20, in Gelu "conv1"/,
    );
    expect(first(({ graph }) => graph.initializers.set('weight', tensor('float64', [4, 3, 3, 3])))).toMatchObject({
      rule: 'type-constraint',
      message:
        'Expected float32, the type of its other values, for input W (weight) but received float64 in Conv "conv1" (makes y)',
    });
    expect(
      first(({ graph }) => (graph.nodes[0]!.attributes.alpha = { type: 'reference', value: 'outer', of: 'float' })),
    ).toMatchObject({
      rule: 'attribute',
    });
  });

  it('name the graph where it is not the main one', () => {
    const g = new GraphBuilder('outer');
    const branch = (): Graph => ({
      ...new GraphBuilder('branch').build().graph,
      nodes: [{ name: 'inner', opType: 'Nope', domain: '', inputs: [], outputs: ['b'], attributes: {}, docString: '' }],
      outputs: [{ name: 'b', type: undefined, dims: undefined, docString: '' }],
    });
    const attributes = {
      then_branch: { type: 'graph', value: branch() },
      else_branch: { type: 'graph', value: branch() },
    } as const;
    g.output(g.node('If', [g.input('c', 'bool', [])], attributes, { name: 'choice', outputs: ['y'] }), 'float32', []);
    expect(checkModel(g.build()).map(({ graph, node }) => [graph, node])).toEqual([
      ['main/choice.then_branch', 'inner'],
      ['main/choice.else_branch', 'inner'],
    ]);
  });

  it('come together in one error', () => {
    const model = sample();
    model.graph.nodes[0]!.inputs = ['x', 'nowhere', '', 'more'];
    assertValidModel(sample());
    expect(() => assertValidModel(model)).toThrow(
      expect.objectContaining({
        code: 'ONNX_MODEL_INVALID',
        message: expect.stringMatching(/undefined-value: .*"nowhere".*; undefined-value: .*"more".*; input-count: /),
        details: { issues: expect.arrayContaining([expect.objectContaining({ rule: 'input-count' })]) },
      }),
    );
  });
});
