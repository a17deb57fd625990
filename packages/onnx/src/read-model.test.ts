import { readFileSync } from 'node:fs';
import { PerceptError, type Tensor, tensor } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder.js';
import { readModel } from './read-model.js';
import { convGemmModel } from './testing/models.js';
import { writeModel } from './write-model.js';

interface Golden {
  bytes: string;
  initializers: Record<string, { type: Tensor['type']; dims: number[]; values: string[] }>;
  opaque: string[];
}

const goldens = new URL('../../../test/goldens/onnx/models.json', import.meta.url);
const golden = (JSON.parse(readFileSync(goldens, 'utf8')) as { everything: Golden }).everything;
const goldenBytes = new Uint8Array(Buffer.from(golden.bytes, 'base64'));

/** Values as the golden file holds them: integers as text, floats as the hexadecimal of their bits, big-endian. */
function plain({ type, data }: Tensor): string[] {
  if (Array.isArray(data)) return data;
  if (!type.startsWith('float')) return Array.from(data as Int32Array, String);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Array.from(data as Float32Array, (_, index) =>
    Buffer.from(bytes.subarray(index * data.BYTES_PER_ELEMENT, (index + 1) * data.BYTES_PER_ELEMENT))
      .reverse()
      .toString('hex'),
  );
}

describe('readModel on a model of every kind, written by the reference implementation', () => {
  const model = readModel(goldenBytes);
  const node = model.graph.nodes[0]!;

  it('reads the header', () => {
    expect(model).toMatchObject({
      irVersion: 8,
      opsets: { '': 17, 'org.example': 2 },
      producerName: 'golden',
      producerVersion: '1',
      domain: 'org.example.models',
      modelVersion: 3,
      docString: 'a model',
      metadata: { 'percept.labels': 'not ours', autor: 'Jürgen' },
    });
    expect(model.graph).toMatchObject({ name: 'everything', docString: 'a graph' });
  });

  it('reads initializers of every type, raw and typed', () => {
    const read = Object.fromEntries(
      [...model.graph.initializers].map(([name, value]) => [
        name,
        { type: value.type, dims: [...value.dims], values: plain(value) },
      ]),
    );
    expect(read).toEqual({
      ...golden.initializers,
      // Bytes that are no UTF-8 become lone surrogates, and the same bytes again when they are written.
      not_utf8: { type: 'string', dims: [1], values: ['\udcff\udcfe'] },
    });
    for (const value of model.graph.initializers.values()) {
      expect(value.data.constructor).toBe(tensor(value.type, [0]).data.constructor);
    }
  });

  it('reads initializers that no Tensor can hold', () => {
    expect(Object.fromEntries(model.graph.rawInitializers!)).toEqual({
      bfloat16: { type: 'bfloat16', dims: [2], raw: Uint8Array.of(0x80, 0x3f, 0, 0xc0), info: { typed: true } },
      float8: { type: 'float8e4m3fn', dims: [2], raw: Uint8Array.of(0x38, 0xc0), info: { typed: true } },
      int4: { type: 'int4', dims: [3], raw: Uint8Array.of(0xe1, 0x03), info: { typed: true } },
      external: { type: 'float32', dims: [1000], raw: { location: 'weights.bin' } },
    });
    expect(model.graph.sparseInitializers!.get('sparse')).toMatchObject({
      values: { type: 'float32', data: Float32Array.of(3) },
      indices: { type: 'int64', data: BigInt64Array.of(2n) },
      dims: [4],
    });
  });

  it('reads functions', () => {
    expect(model.functions).toMatchObject([
      { name: 'Custom', domain: 'org.example', inputs: ['a'], nodes: [{ opType: 'Identity' }], opsets: { '': 17 } },
    ]);
  });

  it('reads attributes of every kind', () => {
    expect(node).toMatchObject({
      name: 'custom',
      opType: 'Custom',
      domain: 'org.example',
      inputs: ['x', '', 'float32_raw'],
      outputs: ['y', ''],
    });
    expect(node.attributes).toMatchObject({
      a_float: { type: 'float', value: Math.fround(0.1) },
      a_zero: { type: 'float', value: 0 },
      an_int: { type: 'int', value: -Number.MAX_SAFE_INTEGER },
      a_string: { type: 'string', value: 'größe' },
      a_tensor: { type: 'tensor', value: { type: 'int64', dims: [1], data: new BigInt64Array([5n]) } },
      a_graph: { type: 'graph', value: { name: 'then', nodes: [{ opType: 'Identity', inputs: ['x'] }] } },
      floats: { type: 'floats', value: [0.5, -2] },
      ints: { type: 'ints', value: [1, -1, 0] },
      strings: { type: 'strings', value: ['a', 'b'] },
      no_ints: { type: 'ints', value: [] },
      opaque_ints: { type: 'ints', value: [2 ** 63], exact: [2n ** 63n - 1n] },
      opaque_tensors: { type: 'tensors', value: [{ type: 'float32', info: { name: 't' } }] },
      opaque_bytes: { type: 'bytes', value: Uint8Array.of(0xff) },
    });
  });

  it('reads types, with symbolic, unknown and zero sizes', () => {
    expect(model.graph.inputs).toMatchObject([
      { name: 'x', type: 'float32', dims: ['N', 3, undefined, 0] },
      {
        name: 'sequence',
        type: undefined,
        dims: undefined,
        valueType: { kind: 'sequence', elementType: { kind: 'tensor', elementType: 'float32', dims: ['N'] } },
      },
      { name: 'float8_in', type: 'float8e5m2', dims: [1] },
    ]);
    expect(model.graph.outputs).toMatchObject([
      { name: 'y', type: 'bfloat16', dims: undefined },
      { name: 'scalar_out', type: 'int64', dims: [] },
    ]);
    expect(model.graph.valueInfos).toMatchObject([{ name: 'untyped', type: undefined, dims: undefined }]);
  });

  it('writes the same bytes', () => {
    expect(Buffer.compare(writeModel(model), goldenBytes)).toBe(0);
  });
});

describe('readModel', () => {
  it('views weights that lie aligned and copies others', () => {
    const graph = new GraphBuilder('weights');
    graph.initializer('w', tensor('float32', [1000]));
    const bytes = writeModel(graph.build());
    for (let shift = 0; shift < 4; shift++) {
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      const { data } = readModel(moved.subarray(shift)).graph.initializers.get('w')!;
      expect(data).toHaveLength(1000);
      expect((data as Float32Array).byteOffset % 4).toBe(0);
    }
    const shared = [0, 1, 2, 3].filter((shift) => {
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      const { data } = readModel(moved.subarray(shift)).graph.initializers.get('w')!;
      return (data as Float32Array).buffer === moved.buffer;
    });
    expect(shared).toHaveLength(1);
  });

  it('infers the kind of an attribute that does not tell it', () => {
    const typed = new GraphBuilder('old');
    typed.node('Op', [], { i: 3, f: 0.5, s: 's', ints: [1], floats: [0.5], strings: ['s'], t: tensor('bool', [0]) });
    const model = typed.build();
    const bytes = writeModel(model);
    // Attribute type is field 20, a varint: the tag 0xa0 0x01, then the type.
    const untyped = bytes.map((byte, at) => (bytes[at - 2] === 0xa0 && bytes[at - 1] === 1 && byte <= 8 ? 0 : byte));
    const read = readModel(untyped);
    const kinds = Object.values(read.graph.nodes[0]!.attributes).map(({ type, value }) => ({ type, value }));
    expect(kinds).toEqual(Object.values(model.graph.nodes[0]!.attributes).map(({ type, value }) => ({ type, value })));
  });

  it('reads a Buffer as it reads a Uint8Array', () => {
    const model = readModel(Buffer.from(golden.bytes, 'base64'));
    expect(model).toEqual(readModel(goldenBytes));
    expect((model.graph.rawInitializers!.get('int4')!.raw as Uint8Array).constructor).toBe(Uint8Array);
  });

  it.each([
    ['nothing', []],
    ['no graph', [0x08, 0x08]],
    ['text', [...new TextEncoder().encode('<!DOCTYPE html>')]],
    ['a cut file', [...convGemmModel().subarray(0, 100)]],
    ['a huge length', [0x3a, 0xff, 0xff, 0xff, 0xff, 0x07]],
    ['a huge shape without data', [0x3a, 11, 0x2a, 9, 0x08, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x10, 0x01, 0x00]],
  ])('refuses %s', (_, bytes) => {
    expect(() => readModel(new Uint8Array(bytes))).toThrow(
      expect.objectContaining({ name: 'PerceptError', code: 'ONNX_MODEL_MALFORMED' }),
    );
  });

  it.each([
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n', /a Git LFS pointer.* git lfs pull$/],
    ['<!DOCTYPE html><html></html>', /a web page/],
    ['\x1f\x8b\x08\0', /a gzip file/],
    ['PK\x03\x04\0\0', /a ZIP archive, as PyTorch/],
    ['\x1c\0\0\0ORTM', /the format of onnxruntime/],
    ['\x1c\0\0\0TFL3', /a TensorFlow Lite model/],
  ])('says what %j is instead', (content, words) => {
    expect(() => readModel(Buffer.from(content, 'latin1'))).toThrow(
      expect.objectContaining({ code: 'ONNX_MODEL_MALFORMED', message: expect.stringMatching(words) }),
    );
  });

  it.each(['model.onnx', new ArrayBuffer(8), undefined])('refuses %o, which is no Uint8Array', (value) => {
    expect(() => readModel(value as unknown as Uint8Array)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('refuses two initializers of one name', () => {
    const graph = new GraphBuilder('twice');
    graph.initializer('a', tensor('float32', []));
    graph.initializer('b', tensor('float32', []));
    const bytes = Buffer.from(writeModel(graph.build()));
    bytes[bytes.lastIndexOf('b')] = 'a'.charCodeAt(0);
    expect(() => readModel(bytes)).toThrow(/two initializers named "a"/);
  });

  it('keeps a name like __proto__ as a name', () => {
    const model = new GraphBuilder('proto').build({ metadata: JSON.parse('{"__proto__":"x"}') });
    const { metadata } = readModel(writeModel(model));
    expect(Object.entries(metadata)).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });

  it('gives a model or a PerceptError for any bytes', () => {
    const read = (bytes: Uint8Array): void => {
      try {
        writeModel(readModel(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(PerceptError);
      }
    };
    const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.boolean() });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), read), { numRuns: 500 });
    fc.assert(
      fc.property(
        fc.constantFrom(goldenBytes, convGemmModel()),
        fc.array(mutation, { minLength: 1, maxLength: 8 }),
        (valid, mutations) => {
          let bytes = valid.slice();
          for (const { at, byte, cut } of mutations) {
            if (cut)
              bytes = Uint8Array.of(
                ...bytes.subarray(0, at % bytes.length),
                ...bytes.subarray((at % bytes.length) + (byte % 16)),
              );
            else bytes[at % bytes.length] = byte;
          }
          read(bytes);
        },
      ),
      { numRuns: 1500 },
    );
  });
});
