/** Where everything of the page lies in the origin private file system, below the folder `teach`. */
export const keys = {
  folder: 'teach',
  classes: 'classes.json',
  pictures: 'pictures',
  /** What learning begins with. */
  weights: 'weights/start.onnx',
  weightsNote: 'weights/start.json',
  /** What is being learnt, until it is done. */
  lessonFolder: 'lesson/',
  lesson: 'lesson/lesson.json',
  checkpoint: 'lesson/checkpoint.onnx',
  epochs: 'lesson/epochs.json',
  features: 'lesson/features',
  /** What came out. */
  model: 'model/taught.onnx',
  modelNote: 'model/taught.json',
} as const;
