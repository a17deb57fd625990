// Training throughput and peak memory of a ResNet-18 on 32×32 images beside PyTorch eager.
import { besideTorch } from './beside-torch.js';

await besideTorch('train/resnet18-cifar', {
  network: 'resnet18-cifar',
  batches: [32, 64],
  floor: 0.75,
  memoryBatch: 32,
});
