import { expectTypeOf, it } from 'vitest';
import type { Batch, BatchSource, Tensor } from './index.js';
import { tensor } from './index.js';

it('ties the data of a tensor to its type', () => {
  expectTypeOf(tensor('float32', [2]).data).toEqualTypeOf<Float32Array>();
  expectTypeOf(tensor('int64', [2]).data).toEqualTypeOf<BigInt64Array>();
  expectTypeOf(tensor('string', [2]).data).toEqualTypeOf<string[]>();
  expectTypeOf<Tensor<'float16'>['data']>().toEqualTypeOf<Uint16Array>();
});

it('takes a tensor of a known type wherever any tensor will do, but not the reverse', () => {
  expectTypeOf<Tensor<'uint8'>>().toExtend<Tensor>();
  expectTypeOf<Tensor>().not.toExtend<Tensor<'uint8'>>();
});

it('refuses data of another type', () => {
  // @ts-expect-error float32 data is a Float32Array
  tensor('float32', [1], new Uint8Array(1));
  // @ts-expect-error there is no such type
  tensor('float31', [1]);
});

it('gives batches of float32 inputs and int64 or float32 labels', () => {
  expectTypeOf<Batch['inputs']>().toEqualTypeOf<Tensor<'float32'>>();
  expectTypeOf<Batch['labels']['data']>().toEqualTypeOf<BigInt64Array | Float32Array>();
  expectTypeOf<ReturnType<BatchSource['batches']>>().toEqualTypeOf<AsyncIterable<Batch>>();
});
