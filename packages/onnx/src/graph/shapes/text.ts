import { unknownDims } from './dimensions.js';
import { broadcastShape, sameShape } from './elementwise.js';
import type { ShapeRule } from './shape-rule.js';

export const RegexFullMatch = sameShape;
export const StringConcat = broadcastShape;

export const StringNormalizer: ShapeRule = (context) => {
  const dims = context.dims(0);
  const drops = context.attributes.strings('stopwords', []).length > 0;
  if (dims === undefined || !drops) return [{ dims }];
  return [{ dims: [...dims.slice(0, -1), undefined] }];
};

export const StringSplit: ShapeRule = (context) => {
  const dims = context.dims(0);
  return [{ dims: dims && [...dims, undefined] }, { dims }];
};

export const TfIdfVectorizer: ShapeRule = (context) => {
  const dims = context.dims(0);
  const width = Math.max(...context.attributes.ints('ngram_indexes', [-1])) + 1;
  if (dims === undefined) return [{ dims: dims && unknownDims(1) }];
  return [{ dims: [...dims.slice(0, -1), width] }];
};
