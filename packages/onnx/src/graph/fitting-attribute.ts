import { type AttributeInput, toAttribute } from '../graph-builder.js';
import type { Attribute } from '../model.js';
import { operatorHistory } from './operator-schema.js';

/** What a value is as an attribute of an operator: a whole number is a float where the operator wants one (`alpha: 1`). */
export function fittingAttribute(domain: string, opType: string, name: string, value: AttributeInput): Attribute {
  const attribute = toAttribute(value);
  // What came as an Attribute is what the caller wants.
  if (attribute === value || (attribute.type !== 'int' && attribute.type !== 'ints')) return attribute;
  const schema = operatorHistory(domain, opType).findLast(({ attributes }) => attributes.has(name));
  const kind = schema?.attributes.get(name)?.kind;
  if (attribute.type === 'int' && kind === 'float') return { type: 'float', value: attribute.value };
  if (attribute.type === 'ints' && kind === 'floats') return { type: 'floats', value: attribute.value };
  return attribute;
}
