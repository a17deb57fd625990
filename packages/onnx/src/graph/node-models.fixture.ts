// The recorded node test models of the reference implementation, see test/goldens/onnx/node-models.py.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One case: models as bytes, and types as texts by value name. */
export interface NodeModelCase {
  readonly name: string;
  readonly model: Uint8Array;
  /** What onnx infers. */
  readonly free: Readonly<Record<string, string>>;
  /** The same with small inputs as constants, and what onnx infers then, where that differs. */
  readonly boundModel?: Uint8Array;
  readonly bound?: Readonly<Record<string, string>>;
  /** Shapes that the test vectors have: `2,3`; `?` for what is no tensor. */
  readonly true: Readonly<Record<string, string>>;
}

/** All recorded cases. */
export function nodeModelCases(): readonly NodeModelCase[] {
  const file = JSON.parse(
    readFileSync(new URL('../../../../test/goldens/onnx/node-models.json', import.meta.url), 'utf8'),
  ) as { rows: string; models: string };
  const unpack = (text: string): Buffer => gunzipSync(Buffer.from(text, 'base64'));
  const models = new Uint8Array(unpack(file.models));
  let at = 0;
  const take = (length: number): Uint8Array => {
    at += length;
    return models.subarray(at - length, at);
  };
  const rows = JSON.parse(unpack(file.rows).toString('utf8')) as (NodeModelCase & {
    model: number;
    boundModel?: number;
  })[];
  return rows.map((row) => {
    const model = take(row.model as unknown as number);
    return row.boundModel === undefined
      ? { ...row, model }
      : { ...row, model, boundModel: take(row.boundModel as unknown as number) };
  }) as unknown as NodeModelCase[];
}
