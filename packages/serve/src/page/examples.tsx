import { useEffect, useState } from 'preact/hooks';
import { type Example, examples as listExamples } from './api.js';

/** Ready pictures to try. */
export function Examples({ onPicture }: { onPicture(file: Blob): void }) {
  const [list, setList] = useState<readonly Example[]>([]);
  const [problem, setProblem] = useState(false);
  useEffect(() => {
    void listExamples().then((outcome) => {
      if (outcome.ok) setList(outcome.value);
    });
  }, []);
  if (list.length === 0) return null;

  const choose = async ({ url }: Example) => {
    try {
      const response = await fetch(url);
      setProblem(!response.ok);
      if (response.ok) onPicture(await response.blob());
    } catch {
      setProblem(true);
    }
  };
  return (
    <div class="examples">
      <h3 id="examples">Or try one of these</h3>
      <ul aria-labelledby="examples">
        {list.map((example) => (
          <li key={example.name}>
            <button type="button" title={example.name} onClick={() => choose(example)}>
              <img src={example.url} alt={example.name} loading="lazy" />
            </button>
          </li>
        ))}
      </ul>
      {problem && (
        <p class="problem" role="alert">
          This example could not be loaded. Try again.
        </p>
      )}
    </div>
  );
}
