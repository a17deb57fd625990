import type { ElementType } from './element-types.js';
import type { Dimension } from './model.js';

/** The type of a value (TypeProto). */
export type TypeProto = {
  /** What the value means, by the standard's words or one's own: `IMAGE`. */
  denotation?: string;
} & (
  | {
      kind: 'tensor' | 'sparseTensor';
      /** A number where it is one of a later ONNX; `undefined` where none is given. */
      elementType: ElementType | number | undefined;
      /** `undefined` where the rank is unknown. */
      dims: Dimension[] | undefined;
      /** What each dimension means: `DATA_BATCH`, `DATA_CHANNEL`, … */
      dimDenotations?: (string | undefined)[];
    }
  | { kind: 'sequence' | 'optional'; elementType: TypeProto | undefined }
  | { kind: 'map'; keyType: ElementType | number | undefined; valueType: TypeProto | undefined }
  | { kind: 'opaque'; domain: string; name: string }
  /** Nothing is said of the value, or it is of a kind of a later ONNX. */
  | { kind: 'none' }
);
