// How much faster int8 is than float on the same runtime, one image at a time: onnxruntime-node with one and two threads, and
// WebAssembly. The floors were found on a CPU with VNNI; the line above the table says what this one has.
import { printResult, type Row } from '../harness/result.js';
import { writeNetwork } from './int8.files.js';
import { networks } from './int8.networks.js';
import { race } from './race.js';

const rounds = 5;
/** WebAssembly takes long: one network tells. */
const onWasm = { resnet18: 3 } as Readonly<Record<string, number>>;

const rows: Row[] = [];
for (const [name, { floor }] of Object.entries(networks)) {
  const { float, int8 } = await writeNetwork(name);
  for (const threads of [1, 2]) rows.push(await measure(`${name}, threads ${threads}`, { threads, rounds }, floor));
  if (onWasm[name] !== undefined) {
    rows.push(await measure(`${name}, wasm`, { threads: 1, rounds, where: 'wasm' }, onWasm[name]));
  }

  async function measure(row: string, options: Parameters<typeof race>[1], least: number): Promise<Row> {
    const found = await race({ float, int8 }, options);
    const [ours, peer] = [found.get('int8')!, found.get('float')!];
    return { row: `${row}, float as peer`, ours, peer, ratio: peer / ours, unit: 'ms', floor: least };
  }
}
printResult('optimize/int8', rows);
