import { ClassBars } from './class-bars.js';
import { Correction } from './correction.js';
import { percent } from './format.js';
import { EmptyIcon } from './icons.js';
import { Timings } from './timings.js';
import type { Attempt } from './use-prediction.js';

interface Props {
  readonly attempt: Attempt | undefined;
  onRetry(): void;
  readonly feedback: boolean;
}

/** The picture and what came of it. */
export function ResultPanel({ attempt, onRetry, feedback }: Props) {
  if (attempt === undefined) {
    return (
      <div class="empty">
        <EmptyIcon />
        <p>The classes of your picture will appear here.</p>
      </div>
    );
  }
  return (
    <div class="result">
      <div class="shown">
        <img class="preview" src={attempt.preview} alt="Yours, as sent" />
        <Headline attempt={attempt} onRetry={onRetry} />
      </div>
      {attempt.step === 'answered' && (
        <>
          <ClassBars classes={attempt.prediction.classes} />
          <Timings prediction={attempt.prediction} />
          {feedback && <Correction key={attempt.prediction.id} prediction={attempt.prediction} sent={attempt.sent} />}
        </>
      )}
    </div>
  );
}

function Headline({ attempt, onRetry }: { attempt: Attempt; onRetry(): void }) {
  switch (attempt.step) {
    case 'preparing':
      return <Waiting text="Preparing the picture…" />;
    case 'uploading':
      return <Waiting text={`Sending… ${Math.round(attempt.share * 100)} %`} share={attempt.share} />;
    case 'classifying':
      return <Waiting text="Classifying…" />;
    case 'failed':
      return (
        <div class="problem" role="alert">
          <strong>That did not work.</strong>
          <p>{attempt.message}</p>
          <p class="code">{attempt.code}</p>
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        </div>
      );
    case 'answered':
      return (
        <div class="headline">
          <p class="label" data-testid="label">
            {attempt.prediction.label}
          </p>
          <p class="score">{percent(attempt.prediction.score)}</p>
          <p class="hint">
            {attempt.prediction.model.name} v{attempt.prediction.model.version}
            {attempt.prediction.model.fallback && <span class="badge">fallback model</span>}
          </p>
        </div>
      );
  }
}

/** A bar that fills while the share is known, and a turning wheel while it is not. */
function Waiting({ text, share }: { text: string; share?: number }) {
  return (
    <div class="waiting">
      {share === undefined ? (
        <span class="spinner" aria-hidden="true" />
      ) : (
        <progress value={share} aria-label="Upload" />
      )}
      <p>{text}</p>
    </div>
  );
}
