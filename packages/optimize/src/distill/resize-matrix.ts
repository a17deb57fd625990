import { type Tensor, tensor } from '@percept/core';

/**
 * The matrix `[to, from]` that resizes a row of `from` values to `to` bilinearly: sample positions at half pixels, and,
 * where the row shrinks, a triangle as wide as the step, so that every value counts (Pillow's and torchvision's
 * antialiasing). Every row of the matrix sums to 1.
 */
export function resizeMatrix(from: number, to: number): Tensor<'float32'> {
  const step = from / to;
  const support = Math.max(1, step);
  const data = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const centre = (row + 0.5) * step;
    const weights = Array.from({ length: from }, (_, at) => Math.max(0, 1 - Math.abs(at + 0.5 - centre) / support));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    data.set(
      weights.map((weight) => weight / sum),
      row * from,
    );
  }
  return tensor('float32', [to, from], data);
}

/** The transpose of a matrix. */
export function transposed({ dims, data }: Tensor<'float32'>): Tensor<'float32'> {
  const [rows, columns] = dims as [number, number];
  return tensor(
    'float32',
    [columns, rows],
    Float32Array.from(data, (_, at) => data[(at % rows) * columns + Math.floor(at / rows)]!),
  );
}
