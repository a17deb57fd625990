/** What kind of work an operator does; nodes of one family have one colour. */
export type Family =
  | 'convolution'
  | 'linear'
  | 'activation'
  | 'normalization'
  | 'pooling'
  | 'elementwise'
  | 'reduction'
  | 'layout'
  | 'indexing'
  | 'quantization'
  | 'control'
  | 'source'
  | 'other';

const operators: Readonly<Record<Exclude<Family, 'other'>, string>> = {
  convolution: 'Conv ConvInteger ConvTranspose DeformConv QLinearConv FusedConv NhwcConv',
  linear:
    'Attention Det DynamicQuantizeMatMul Einsum FusedGemm FusedMatMul GRU Gemm LSTM LinearAttention MatMul MatMulInteger MatMulIntegerToFloat MatMulNBits MultiHeadAttention QGemm QLinearMatMul RNN',
  activation:
    'Celu Clip Elu FastGelu Gelu HardSigmoid HardSwish Hardmax LeakyRelu LogSoftmax Mish PRelu QLinearLeakyRelu QLinearSigmoid QLinearSoftmax QuickGelu Relu Selu Shrink Sigmoid Softmax Softplus Softsign SwiGLU Swish Tanh ThresholdedRelu',
  normalization:
    'BatchNormalization Dropout GroupNormalization InstanceNormalization LRN LayerNormalization LpNormalization MeanVarianceNormalization RMSNormalization SkipLayerNormalization',
  pooling:
    'AveragePool GlobalAveragePool GlobalLpPool GlobalMaxPool LpPool MaxPool MaxRoiPool MaxUnpool QLinearAveragePool QLinearGlobalAveragePool RoiAlign',
  elementwise:
    'Abs Add And BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Ceil Cos Div Equal Erf Exp Floor Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Log Max Mean Min Mod Mul Neg Not Or Pow QLinearAdd QLinearMul Reciprocal Round Sign Sin Sqrt Sub Sum Where Xor',
  reduction:
    'ArgMax ArgMin CumSum ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare TopK',
  layout:
    'Cast Concat DepthToSpace Expand Flatten Identity Pad QLinearConcat Reshape Resize Shape Size Slice SpaceToDepth Split Squeeze Tile Transpose Unsqueeze Upsample',
  indexing:
    'Compress Gather GatherElements GatherND NonMaxSuppression NonZero OneHot Scatter ScatterElements ScatterND Unique',
  quantization: 'DequantizeLinear DynamicQuantizeLinear QuantizeLinear',
  control: 'If Loop Scan SequenceMap',
  source: 'Constant ConstantOfShape EyeLike RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range',
};

const byOperator: ReadonlyMap<string, Family> = new Map(
  Object.entries(operators).flatMap(([family, names]) => names.split(' ').map((name) => [name, family as Family])),
);

/** The family of an operator; `other` for those that are in none. */
export function familyOf(opType: string): Family {
  return byOperator.get(opType) ?? 'other';
}
