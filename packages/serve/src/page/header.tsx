import { useEffect, useState } from 'preact/hooks';
import type { PredictorHealth } from '../prediction.js';
import { health } from './api.js';

const words: Record<PredictorHealth['status'] | 'offline', string> = {
  idle: 'Model loads with the first picture',
  loading: 'Model is loading',
  ok: 'Ready',
  degraded: 'Works with limits',
  unavailable: 'Model unavailable',
  offline: 'Server unreachable',
};

/** Title, note, and how the model is doing. */
export function Header({ title, note, answers }: { title: string; note: string | undefined; answers: number }) {
  const [state, setState] = useState<PredictorHealth>();
  const [offline, setOffline] = useState(false);
  useEffect(() => {
    void answers;
    void health().then((outcome) => {
      setOffline(!outcome.ok);
      if (outcome.ok) setState(outcome.value);
    });
  }, [answers]);
  const status = offline ? 'offline' : state?.status;
  return (
    <header>
      <div class="title">
        <h1>{title}</h1>
        {status !== undefined && (
          <p class={`chip ${status}`} data-testid="health">
            <span class="dot" aria-hidden="true" />
            {state?.model !== undefined && !offline && (
              <strong>
                {state.model.name} v{state.model.version}
              </strong>
            )}
            <span>{words[status]}</span>
          </p>
        )}
      </div>
      {note !== undefined && <p class="note">{note}</p>}
    </header>
  );
}
