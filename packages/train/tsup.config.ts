import { definePackage } from '../../tsup.shared.js';

export default definePackage({
  auto: 'src/auto/index.ts',
  index: 'src/index.ts',
  search: 'src/search/index.ts',
  tfjs: 'src/tfjs/index.ts',
  'trackers.node': 'src/trackers/index.node.ts',
  trackers: 'src/trackers/index.ts',
  'train-worker': 'src/train-worker.ts',
  'train-worker.node': 'src/train-worker.node.ts',
  'training-platform': 'src/training-platform.ts',
  'training-platform.node': 'src/training-platform.node.ts',
});
