import type { ClassScore } from '../prediction.js';
import { percent } from './format.js';

/** Every class with its share, most likely first. */
export function ClassBars({ classes }: { classes: readonly ClassScore[] }) {
  return (
    <ol class="bars" aria-label="Classes, most likely first">
      {classes.map(({ label, score }, index) => (
        <li key={label} class={index === 0 ? 'top' : ''}>
          <span class="name">{label}</span>
          <span class="track" aria-hidden="true">
            <span class="fill" style={{ width: `${score * 100}%` }} />
          </span>
          <span class="value">{percent(score)}</span>
        </li>
      ))}
    </ol>
  );
}
