import { elementCount, type Tensor } from '@percept/core';
import { isExternal, isRawTensor, type RawTensor, type SparseTensor } from '../../model-tensors.js';
import { elementBits } from '../element-bits.js';
import type { IssueList } from './issue.js';

/** Checks that a constant has a type, a shape and as much data as they ask for. */
export function checkTensor(tensor: Tensor | RawTensor, what: string, issues: IssueList): void {
  const count = elementCount(tensor.dims);
  if (tensor.dims.some((dim) => !Number.isInteger(dim) || dim < 0)) {
    issues.add('tensor-data', `sizes of at least 0 for ${what} but received [${tensor.dims}]`);
    return;
  }
  if (!isRawTensor(tensor)) {
    if (tensor.data.length !== count) {
      issues.add('tensor-data', `${count} elements for ${what} [${tensor.dims}] but received ${tensor.data.length}`);
    }
    return;
  }
  if (typeof tensor.type === 'number') {
    issues.add('tensor-data', `a known element type for ${what} but received number ${tensor.type}`);
    return;
  }
  if (isExternal(tensor)) {
    checkLocation(tensor.raw.location, what, issues);
    return;
  }
  const bits = elementBits(tensor.type);
  const bytes = (tensor.raw as Uint8Array).length;
  const expected = bits === undefined ? undefined : Math.ceil((count * bits) / 8);
  if (expected !== undefined && bytes !== expected) {
    issues.add('tensor-data', `${expected} bytes for ${what} ${tensor.type}[${tensor.dims}] but received ${bytes}`);
  }
}

function checkLocation(location: string, what: string, issues: IssueList): void {
  const absolute = /^([/\\]|[a-zA-Z]:)/.test(location);
  const climbs = location.split(/[/\\]/).includes('..');
  if (location !== '' && !absolute && !climbs) return;
  issues.add(
    'external-data',
    `a path below the model's folder for the data of ${what} but received ${JSON.stringify(location)}`,
  );
}

/** Checks the rules of SparseTensorProto: `[NNZ]` values, ascending indices `[NNZ]` or `[NNZ, rank]` within the shape. */
export function checkSparseTensor(tensor: SparseTensor, what: string, issues: IssueList): void {
  checkTensor(tensor.values, `the values of ${what}`, issues);
  checkTensor(tensor.indices, `the indices of ${what}`, issues);
  const expected = missingInSparse(tensor);
  if (expected !== undefined) issues.add('sparse-tensor', `${expected} for sparse tensor ${what}`);
}

/** What a sparse tensor should have but has not, in words. */
function missingInSparse({ values, indices, dims }: SparseTensor): string | undefined {
  if (values.dims.length !== 1) return `values of rank 1 but received [${values.dims}]`;
  if (dims.length === 0 || dims.some((dim) => dim <= 0)) return `positive sizes but received [${dims}]`;
  const count = values.dims[0]!;
  if (isRawTensor(indices) || indices.type !== 'int64') return `int64 indices but received ${indices.type}`;
  const linear = indices.dims.length === 1;
  const coordinates = indices.dims.length === 2 && indices.dims[1] === dims.length;
  if (!(linear || coordinates) || indices.dims[0] !== count) {
    return `indices [${count}] or [${count}, ${dims.length}] but received [${indices.dims}]`;
  }
  const data = indices.data as BigInt64Array;
  let before = -1;
  for (let at = 0; at < count; at++) {
    let position = linear ? Number(data[at]) : 0;
    for (let axis = 0; coordinates && axis < dims.length; axis++) {
      const index = Number(data[at * dims.length + axis]);
      if (index < 0 || index >= dims[axis]!) return `indices within [${dims}] but received ${index}`;
      position = position * dims[axis]! + index;
    }
    if (position < 0 || position >= elementCount(dims)) return `indices within [${dims}] but received ${position}`;
    if (position <= before) return 'ascending indices';
    before = position;
  }
  return undefined;
}
