// How drawings put a node into few words.
import type { Tensor } from '@percept/core';
import type { Attribute, Graph, Node } from '../../model.js';
import type { RawTensor } from '../../model-tensors.js';

/** Attributes that tell nodes of one operator apart, in the order in which they are shown. */
const telling = [
  'strides',
  'pads',
  'dilations',
  'group',
  'auto_pad',
  'kernel_shape',
  'axis',
  'axes',
  'perm',
  'mode',
  'to',
  'alpha',
  'epsilon',
];

/** An operator with its domain, where that is not the default one. */
export function operatorLabel({ domain, opType }: Node): string {
  return domain === '' ? opType : `${domain}.${opType}`;
}

/** The attributes that matter to a reader, shortly: `stride 2, pad 1, group 32`. Defaults are left out. */
export function attributeFacts(node: Node): string[] {
  const facts: string[] = [];
  for (const name of telling) {
    const attribute = Object.hasOwn(node.attributes, name) ? node.attributes[name] : undefined;
    const text = attribute && attributeText(attribute);
    if (text === undefined || isDefault(name, text)) continue;
    facts.push(`${name === 'kernel_shape' ? 'kernel' : name} ${text}`);
  }
  return facts;
}

function attributeText(attribute: Attribute): string | undefined {
  switch (attribute.type) {
    case 'int':
    case 'string':
      return `${attribute.value}`;
    case 'float':
      return `${Number(attribute.value.toPrecision(4))}`;
    case 'ints':
      return attribute.value.length > 1 && new Set(attribute.value).size === 1
        ? `${attribute.value[0]}`
        : attribute.value.join(',');
    default:
      return undefined;
  }
}

function isDefault(name: string, text: string): boolean {
  if (name === 'pads') return text === '0';
  if (name === 'auto_pad') return text === 'NOTSET';
  return ['strides', 'dilations', 'group'].includes(name) && text === '1';
}

/** The constants of a graph by name: initializers and what Constant nodes give as tensors. */
export function constantsOf(graph: Graph): Map<string, Tensor | RawTensor> {
  const constants = new Map<string, Tensor | RawTensor>([...graph.initializers, ...(graph.rawInitializers ?? [])]);
  for (const node of graph.nodes) {
    const value = isConstant(node) ? node.attributes.value : undefined;
    if (value?.type === 'tensor' || value?.type === 'rawTensor') constants.set(node.outputs[0]!, value.value);
  }
  return constants;
}

/** Whether a node gives a tensor and nothing else: drawings show that in the nodes that read it. */
export function isConstant({ opType, domain, attributes }: Node): boolean {
  return opType === 'Constant' && domain === '' && /^(rawT|t)ensor$/.test(attributes.value?.type ?? '');
}
