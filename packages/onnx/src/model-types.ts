import type { ElementType } from './element-types.js';
import type { Dimension } from './model.js';
import type { Kept } from './wire-hints.js';

/** The type of a value (TypeProto). */
export type TypeProto = Kept & {
  /** What the value means, by the standard's or one's own words: `IMAGE`. */
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
    /** Nothing is said of the value. */
    | { kind: 'none' }
  );
