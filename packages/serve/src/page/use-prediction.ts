import { useCallback, useRef, useState } from 'preact/hooks';
import type { Prediction } from '../prediction.js';
import { predict } from './api.js';
import { preparePhoto } from './prepare-photo.js';

/** A picture on its way, answered or failed; `sent` is the file as it travels and `preview` shows it. */
export type Attempt =
  | { readonly step: 'preparing'; readonly preview: string }
  | { readonly step: 'uploading'; readonly preview: string; readonly share: number }
  | { readonly step: 'classifying'; readonly preview: string }
  | { readonly step: 'answered'; readonly preview: string; readonly sent: Blob; readonly prediction: Prediction }
  | { readonly step: 'failed'; readonly preview: string; readonly code: string; readonly message: string };

/** Classifies pictures, one at a time: a new one takes the place of the one before. */
export function usePrediction(onAnswer: () => void) {
  const [attempt, setAttempt] = useState<Attempt>();
  const running = useRef<{ abort: AbortController; preview: string; file: Blob } | undefined>(undefined);

  const classify = useCallback(
    async (file: Blob) => {
      running.current?.abort.abort();
      if (running.current !== undefined) URL.revokeObjectURL(running.current.preview);
      const preview = URL.createObjectURL(file);
      const mine = { abort: new AbortController(), preview, file };
      running.current = mine;
      const show = (next: Attempt) => {
        if (running.current === mine) setAttempt(next);
      };

      show({ step: 'preparing', preview });
      const sent = await preparePhoto(file);
      if (mine.abort.signal.aborted) return;
      show({ step: 'uploading', preview, share: 0 });
      const outcome = await predict(sent, {
        signal: mine.abort.signal,
        onUpload: (share) => show(share < 1 ? { step: 'uploading', preview, share } : { step: 'classifying', preview }),
      });
      if (outcome.ok) show({ step: 'answered', preview, sent, prediction: outcome.value });
      else show({ step: 'failed', preview, code: outcome.code, message: outcome.message });
      onAnswer();
    },
    [onAnswer],
  );

  const retry = useCallback(() => {
    if (running.current !== undefined) void classify(running.current.file);
  }, [classify]);

  return { attempt, classify, retry };
}
