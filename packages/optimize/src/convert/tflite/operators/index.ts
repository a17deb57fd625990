import type { NodeScope } from '../node-scope.js';
import { activationLowerings } from './activations.js';
import { arithmeticLowerings } from './arithmetic.js';
import { convolutionLowerings } from './convolution.js';
import { linearLowerings } from './linear.js';
import { movementLowerings } from './movement.js';
import { normalizationLowerings } from './normalization.js';
import { poolingLowerings } from './pooling.js';
import { reductionLowerings } from './reduction.js';
import { resizeLowerings } from './resize.js';
import { selectionLowerings } from './selection.js';

/** Adds to the TFLite graph what one ONNX node computes. */
export type OperatorLowering = (scope: NodeScope) => void;

/** How each operator of the default ONNX domain is lowered. */
export const operatorLowerings: ReadonlyMap<string, OperatorLowering> = new Map(
  [
    activationLowerings,
    arithmeticLowerings,
    convolutionLowerings,
    linearLowerings,
    movementLowerings,
    normalizationLowerings,
    poolingLowerings,
    reductionLowerings,
    resizeLowerings,
    selectionLowerings,
  ].flatMap((group) => Object.entries(group)),
);
