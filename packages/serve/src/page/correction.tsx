import { useState } from 'preact/hooks';
import type { Prediction } from '../prediction.js';
import { correct } from './api.js';
import { toBase64 } from './prepare-photo.js';

type State = { step: 'closed' | 'open' | 'sending' | 'thanked' } | { step: 'failed'; message: string };

/** Lets the visitor say which class would have been right. */
export function Correction({ prediction, sent }: { prediction: Prediction; sent: Blob }) {
  const [state, setState] = useState<State>({ step: 'closed' });
  const [label, setLabel] = useState('');

  const send = async () => {
    setState({ step: 'sending' });
    let outcome = await correct(prediction.id, label);
    if (!outcome.ok && outcome.code === 'SERVE_UPLOAD_EXPIRED') {
      outcome = await correct(prediction.id, label, await toBase64(sent));
    }
    setState(outcome.ok ? { step: 'thanked' } : { step: 'failed', message: outcome.message });
  };

  if (state.step === 'thanked') {
    return (
      <p class="thanks" role="status">
        Thank you! Stored as <strong>{label}</strong>; the model can learn from it.
      </p>
    );
  }
  if (state.step === 'closed') {
    return (
      <p class="correction">
        <button type="button" class="quiet" onClick={() => setState({ step: 'open' })}>
          Not right? Choose the right class
        </button>
      </p>
    );
  }
  return (
    <form
      class="correction"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label for="right-class">The right class is</label>
      <div class="buttons">
        <select
          id="right-class"
          required
          value={label}
          // The form appears where the pressed button was: focus would be lost otherwise.
          ref={(element) => {
            if (element !== null && state.step === 'open' && label === '') element.focus();
          }}
          onChange={({ currentTarget }) => setLabel(currentTarget.value)}
        >
          <option value="">choose…</option>
          {prediction.classes
            .filter((candidate) => candidate.label !== prediction.label)
            .map((candidate) => (
              <option key={candidate.label}>{candidate.label}</option>
            ))}
        </select>
        <button type="submit" class="primary" disabled={state.step === 'sending'}>
          {state.step === 'sending' ? 'Sending…' : 'Send'}
        </button>
        <button type="button" class="quiet" onClick={() => setState({ step: 'closed' })}>
          Cancel
        </button>
      </div>
      {state.step === 'failed' && (
        <p class="problem" role="alert">
          {state.message}
        </p>
      )}
    </form>
  );
}
