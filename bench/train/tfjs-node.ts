// Training throughput of a ResNet-18 on 32×32 images beside @tensorflow/tfjs-node, the native backend that Node has had.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Contestant, interleave, startContestant } from '../harness/contestant.js';
import { higherIsBetter, printResult, type Row } from '../harness/result.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const [batch, steps, rounds, floor] = [32, 2, 5, 1.2];
const made = spawnSync(process.execPath, [here('../peers/tfjs-node.mjs')], { encoding: 'utf8' });
const folder = made.status === 0 ? made.stdout.trim().split('\n').at(-1)! : undefined;
if (folder === undefined) console.log(`tfjs-node is absent: ${made.stderr.trim()}`);

const rows: Row[] = [];
for (const threads of [1, 2]) rows.push(await measure(threads));
printResult('train/tfjs-node', rows);

async function measure(threads: number): Promise<Row> {
  const shape = [batch, steps].map(String);
  const started = [
    await startContestant('ours', process.execPath, [
      ...['--import', 'tsx', here('networks.ours.ts'), 'resnet18-cifar', ...shape, String(threads), 'speed'],
    ]),
  ];
  if (folder !== undefined) {
    const pools = { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: '1', TF_CPP_MIN_LOG_LEVEL: '2' };
    started.push(
      await startContestant('tfjs-node', process.execPath, [here('networks.tfjs-node.mjs'), folder, ...shape], pools),
    );
  }
  const failure = started.find((contestant) => typeof contestant === 'string');
  if (failure !== undefined) throw new Error(failure);
  const present = started as Contestant[];
  const found = await interleave(present, rounds);
  for (const contestant of present) contestant.close();
  const peer = found.get('tfjs-node') ?? null;
  return higherIsBetter(
    `tfjs-node 4.22, batch ${batch}, threads ${threads}`,
    found.get('ours')!,
    peer,
    'images/s',
    floor,
  );
}
