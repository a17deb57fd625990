import type { Attribute } from '../../model.js';
import type { AttributeKind } from '../operator-schema.js';

const kinds: Readonly<Partial<Record<string, AttributeKind>>> = {
  bytes: 'string',
  rawTensor: 'tensor',
  sparseTensor: 'sparse_tensor',
  sparseTensors: 'sparse_tensors',
  typeProto: 'type_proto',
  typeProtos: 'type_protos',
};

/** Whether an attribute is of the kind that a schema asks for. A kind of a later ONNX cannot be told and passes. */
export function isOfKind(attribute: Attribute, kind: AttributeKind): boolean {
  if (attribute.type === 'opaque') return true;
  if (attribute.type !== 'reference') return (kinds[attribute.type] ?? attribute.type) === kind;
  return attribute.of === undefined || (kinds[attribute.of] ?? attribute.of) === kind;
}
