/** One line of image/kernels: the work, and what is asked of its ratio. */
export interface Task {
  readonly name: string;
  readonly title: string;
  /** The ratio that the row should reach; none for rows beyond the bar. */
  readonly floor: number | null;
}

export const tasks: readonly Task[] = [
  { name: 'flip', title: 'flip, horizontal', floor: 0.7 },
  { name: 'lut', title: 'LUT of 256', floor: 0.7 },
  { name: 'gaussian', title: 'Gaussian 5 × 5', floor: 0.7 },
  { name: 'warp', title: 'warp by 15°, bilinear', floor: 0.7 },
  { name: 'resize224', title: 'resize to 224, bilinear', floor: 0.7 },
  { name: 'resize384', title: 'resize to 384, bilinear', floor: 0.7 },
  { name: 'normalize', title: 'normalise to NCHW float32', floor: 0.7 },
  { name: 'perspective', title: 'perspective, bilinear', floor: null },
  { name: 'area224', title: 'resize to 224, area', floor: null },
  { name: 'convolve', title: 'convolution 3 × 3', floor: null },
  { name: 'resizeNormalize', title: 'resize to 224 + normalise', floor: null },
  { name: 'warpNormalize', title: 'warp + normalise', floor: null },
];
