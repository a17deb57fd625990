// Training throughput of a MobileNetV2 on 224×224 images beside PyTorch eager.
import { besideTorch } from './beside-torch.js';

await besideTorch('train/mobilenetv2', { network: 'mobilenetv2', batches: [8], floor: 0.4 });
