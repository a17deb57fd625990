import { type Graph, readModel } from '@percept/onnx';
import type { SuiteCase } from './cases.js';

/** Beginnings of case names that do not begin with the name of their operator. */
const aliases: Readonly<Record<string, string>> = {
  sce: 'SoftmaxCrossEntropyLoss',
  nllloss: 'NegativeLogLikelihoodLoss',
  training_dropout: 'Dropout',
  center_crop_pad: 'CenterCropPad',
  basic_conv: 'Conv',
  edge_pad: 'Pad',
  reflect_pad: 'Pad',
  wrap_pad: 'Pad',
  constant_pad: 'Pad',
  strnormalizer: 'StringNormalizer',
  range_: 'Range',
  sequence_map: 'SequenceMap',
  loop: 'Loop',
  scan: 'Scan',
  if_: 'If',
  simple_rnn: 'RNN',
  resize: 'Resize',
  blackmanwindow: 'BlackmanWindow',
  hammingwindow: 'HammingWindow',
  hannwindow: 'HannWindow',
};

/** The operator that a case is about; the expanded form of a function counts for the operator that it expands. */
export function operatorOf({ name, model }: SuiteCase, cases: ReadonlyMap<string, SuiteCase>): string {
  const plain = name.replace(/^test_/, '').replace(/_expanded.*$/, '');
  const base = name.includes('_expanded') ? cases.get(`test_${plain}`) : undefined;
  const names = operators(readModel(base?.model ?? model).graph);
  if (names.length === 1) return names[0]!;
  const alias = Object.keys(aliases).find((beginning) => plain.startsWith(beginning));
  if (alias !== undefined) return aliases[alias]!;
  const flat = plain.replaceAll('_', '');
  const fitting = names.filter((operator) => flat.startsWith(operator.toLowerCase().split('.').at(-1)!));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? names.at(-1)!;
}

function operators(graph: Graph): string[] {
  return [...new Set(graph.nodes.map(({ domain, opType }) => (domain === '' ? opType : `${domain}.${opType}`)))];
}
