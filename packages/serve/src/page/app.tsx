import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { PageConfig } from '../http/page-document.js';
import { Announcer } from './announcer.js';
import { Examples } from './examples.js';
import { Header } from './header.js';
import { MonitorPanel } from './monitor-panel.js';
import { Picker } from './picker.js';
import { ResultPanel } from './result-panel.js';
import { usePrediction } from './use-prediction.js';

/** The whole page. */
export function App({ config }: { config: PageConfig }) {
  const [answers, setAnswers] = useState(0);
  const { attempt, classify, retry } = usePrediction(useCallback(() => setAnswers((count) => count + 1), []));
  const busy = attempt !== undefined && attempt.step !== 'answered' && attempt.step !== 'failed';
  const result = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the result stands below what was just pressed.
    if (busy) result.current?.scrollIntoView({ block: 'nearest' });
  }, [busy]);
  return (
    <>
      <Header title={config.title} note={config.note} answers={answers} />
      <main>
        <section class="card" aria-labelledby="pick">
          <h2 id="pick">Choose a picture</h2>
          <Picker onPicture={classify} note={config.note} />
          <Examples onPicture={classify} />
        </section>
        <section ref={result} class="card" aria-labelledby="result" aria-busy={busy}>
          <h2 id="result">Result</h2>
          <ResultPanel attempt={attempt} onRetry={retry} feedback={config.feedback} />
        </section>
        {config.monitor && <MonitorPanel answers={answers} />}
      </main>
      <Announcer attempt={attempt} />
    </>
  );
}
