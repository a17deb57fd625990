import type { Prediction } from '../prediction.js';
import { milliseconds } from './format.js';

const stages = [
  ['decode', 'decodeMs'],
  ['preprocess', 'preprocessMs'],
  ['wait', 'queueMs'],
  ['model', 'inferenceMs'],
] as const;

/** Where the server's time went. */
export function Timings({ prediction: { timings, batchSize } }: { prediction: Prediction }) {
  const sum = stages.reduce((total, [, field]) => total + timings[field], 0);
  return (
    <div class="timings">
      <div class="stack" aria-hidden="true">
        {stages.map(([name, field]) => (
          <span key={name} class={name} style={{ width: `${(timings[field] / sum) * 100}%` }} />
        ))}
      </div>
      <dl>
        {stages.map(([name, field]) => (
          <div key={name}>
            <dt class={name}>{name}</dt>
            <dd>{milliseconds(timings[field])}</dd>
          </div>
        ))}
        <div>
          <dt>total</dt>
          <dd>{milliseconds(timings.totalMs)}</dd>
        </div>
        {batchSize > 1 && (
          <div>
            <dt>in one run</dt>
            <dd>{batchSize} pictures</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
