import { percent } from './format.js';
import type { Attempt } from './use-prediction.js';

/** Says to screen readers what the page shows to eyes. */
export function Announcer({ attempt }: { attempt: Attempt | undefined }) {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {announcement(attempt)}
    </div>
  );
}

function announcement(attempt: Attempt | undefined): string {
  switch (attempt?.step) {
    case 'preparing':
    case 'uploading':
      return 'Sending the picture';
    case 'classifying':
      return 'Classifying';
    case 'answered':
      return `Result: ${attempt.prediction.label}, ${percent(attempt.prediction.score)}`;
    default:
      // Failures are an alert of their own.
      return '';
  }
}
