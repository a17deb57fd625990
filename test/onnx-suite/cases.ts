import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TensorValue, tensorValue, type Value } from '@percept/onnx/backends/interpreter';
import { elementTypeName } from '../../packages/onnx/src/element-types.js';
import { elementData } from '../../packages/onnx/src/interpreter/element-type.js';

/** A value as `node-suite.py` writes it. */
type StoredValue =
  | { readonly type: number; readonly dims: number[]; readonly at: readonly [offset: number, length: number] }
  | { readonly type: number; readonly dims: number[]; readonly strings: string[] }
  | { readonly items: readonly StoredValue[] }
  | { readonly none: true };

interface StoredCase {
  readonly name: string;
  readonly rtol: number;
  readonly atol: number;
  readonly model: readonly [offset: number, length: number];
  readonly inputs: readonly (StoredValue & { readonly name: string })[];
  readonly outputs: readonly (StoredValue & { readonly name: string })[];
}

/** The cases as they are stored: an index, and the bytes that it points into. */
export interface StoredSuite {
  readonly tool: string;
  readonly version: string;
  readonly cases: readonly StoredCase[];
}

/** One case: a model, what it is fed, what it must answer and how exactly. */
export interface SuiteCase {
  readonly name: string;
  readonly model: Uint8Array;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  /** An answer may differ by `atol + rtol * |expected|`. */
  readonly rtol: number;
  readonly atol: number;
}

/** Reads the exported cases of a folder. */
export function loadCases(folder: string): { version: string; cases: SuiteCase[] } {
  const suite = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as StoredSuite;
  return { version: suite.version, cases: decodeCases(suite, readFileSync(join(folder, 'data.bin'))) };
}

/** The cases of a suite whose bytes are at hand. */
export function decodeCases(suite: StoredSuite, bytes: Uint8Array): SuiteCase[] {
  const named = (values: StoredCase['inputs']) =>
    Object.fromEntries(values.map(({ name, ...value }) => [name, decodeValue(value, bytes)]));
  return suite.cases.map(({ name, rtol, atol, model, inputs, outputs }) => ({
    name,
    rtol,
    atol,
    model: bytes.slice(model[0], model[0] + model[1]),
    inputs: named(inputs),
    outputs: named(outputs),
  }));
}

function decodeValue(value: StoredValue, bytes: Uint8Array): Value {
  if ('none' in value) return { kind: 'optional', value: undefined };
  if ('items' in value) return { kind: 'sequence', items: value.items.map((item) => decodeValue(item, bytes)) };
  if ('strings' in value) return tensorValue('string', value.dims, value.strings);
  return decodeTensor(value.type, value.dims, bytes.subarray(value.at[0], value.at[0] + value.at[1]));
}

function decodeTensor(dataType: number, dims: readonly number[], bytes: Uint8Array): TensorValue {
  const type = elementTypeName(dataType)!;
  const count = dims.reduce((product, dim) => product * dim, 1);
  const data = elementData(type, count) as Exclude<TensorValue['data'], string[]>;
  if (data.byteLength !== bytes.length)
    throw new Error(`Expected ${data.byteLength} bytes but received ${bytes.length}`);
  new Uint8Array(data.buffer).set(bytes);
  return tensorValue(type, dims, data);
}
