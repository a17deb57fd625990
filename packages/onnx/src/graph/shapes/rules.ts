import * as attention from './attention.js';
import * as classical from './classical.js';
import * as controlFlow from './control-flow.js';
import * as convolution from './convolution.js';
import * as elementwise from './elementwise.js';
import * as generation from './generation.js';
import * as indexing from './indexing.js';
import * as layout from './layout.js';
import * as linearAlgebra from './linear-algebra.js';
import * as loss from './loss.js';
import * as microsoft from './microsoft.js';
import * as normalization from './normalization.js';
import * as optimizers from './optimizers.js';
import * as preview from './preview.js';
import * as quantization from './quantization.js';
import * as recurrent from './recurrent.js';
import * as reduction from './reduction.js';
import * as sequence from './sequence.js';
import type { ShapeRule } from './shape-rule.js';
import * as signal from './signal.js';
import * as text from './text.js';
import * as vision from './vision.js';

/** The rules among what family files export: operators are capitalized, what they share is not. */
function rulesOf(...families: readonly Readonly<Record<string, unknown>>[]): ReadonlyMap<string, ShapeRule> {
  return new Map(
    families
      .flatMap((family) => Object.entries(family) as [string, ShapeRule][])
      .filter(([name]) => /^[A-Z]/.test(name)),
  );
}

/** Shape rules by domain and operator. */
export const shapeRules: Readonly<Record<string, ReadonlyMap<string, ShapeRule>>> = {
  '': rulesOf(
    attention,
    controlFlow,
    convolution,
    elementwise,
    generation,
    indexing,
    layout,
    linearAlgebra,
    loss,
    normalization,
    quantization,
    recurrent,
    reduction,
    sequence,
    signal,
    text,
    vision,
  ),
  'com.microsoft': rulesOf(microsoft),
  'ai.onnx.preview.training': rulesOf(optimizers),
  'ai.onnx.ml': rulesOf(classical),
  'ai.onnx.preview': rulesOf(preview),
};
