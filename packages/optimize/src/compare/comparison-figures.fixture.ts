// A comparison as it might have been measured, for tests of what is made of it.
import type { ClassifierRow, ComparisonFigures, LatencyFigures } from './comparison-json.js';

function timed(threads: number, batch: number, milliseconds: number): LatencyFigures {
  const times = Array.from({ length: 20 }, (_, run) => milliseconds * (1 + (run % 10) / 100));
  return {
    threads,
    batch,
    p50: 1.045 * milliseconds,
    p95: 1.09 * milliseconds,
    p50Interval: { lower: 1.02 * milliseconds, upper: 1.07 * milliseconds },
    imagesPerSecond: (1000 * batch) / (1.045 * milliseconds),
    milliseconds: times,
  };
}

function row(
  name: string,
  { bytes, milliseconds, right }: { bytes: number; milliseconds: number; right: number },
  others: Partial<ClassifierRow>,
): ClassifierRow {
  const latencies = [timed(1, 1, milliseconds), timed(2, 8, 5 * milliseconds)];
  const accuracy = right / 10_000;
  const accuracyInterval = { lower: accuracy - 0.005, upper: accuracy + 0.005 };
  return {
    name,
    bytes,
    gzipBytes: Math.round(0.9 * bytes),
    latency: { p50: latencies[0]!.p50, p95: latencies[0]!.p95 },
    latencies,
    score: { metric: 'accuracy', value: accuracy, interval: accuracyInterval, better: 'higher' },
    accuracy,
    accuracyInterval,
    agreement: 1,
    agreementInterval: { lower: 0.999, upper: 1 },
    parameters: 272_474,
    macs: 40_813_184,
    memoryBytes: 12_300_000,
    pareto: true,
    ...others,
  };
}

export const comparisonFigures: ComparisonFigures<ClassifierRow> = {
  rows: [
    row('float', { bytes: 1_092_000, milliseconds: 1.2, right: 9165 }, {}),
    row(
      'int8',
      { bytes: 325_000, milliseconds: 0.8, right: 9150 },
      {
        agreement: 0.9876,
        agreementInterval: { lower: 0.9852, upper: 0.9896 },
        paired: { gained: 40, lost: 55, p: 0.1508 },
      },
    ),
    row(
      'slow & bad',
      { bytes: 2_000_000, milliseconds: 2, right: 8000 },
      {
        agreement: 0.8,
        agreementInterval: { lower: 0.792, upper: 0.8077 },
        paired: { gained: 10, lost: 1175, p: 1e-300 },
        pareto: false,
        macs: undefined,
        memoryBytes: undefined,
        latencies: [timed(1, 1, 2)],
      },
    ),
  ],
  images: 10_000,
  confidence: 0.95,
  runtime: 'onnxruntime-node',
  machine: { cpu: 'Test CPU', cores: 2, extensions: ['AVX2', 'AVX-512 VNNI'], host: 'Node 0.0.0, linux x64' },
  notes: ['slow & bad takes batches of 1 only and was not timed with 8'],
};
