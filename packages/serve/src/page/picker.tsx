import { useEffect, useRef, useState } from 'preact/hooks';
import { Camera } from './camera.js';
import { CameraIcon, PictureIcon } from './icons.js';

/** Takes a picture by file dialog, drag and drop, paste or camera. */
export function Picker({ onPicture, note }: { onPicture(file: Blob): void; note: string | undefined }) {
  const input = useRef<HTMLInputElement>(null);
  const [camera, setCamera] = useState(false);
  const dragging = usePageDrops(onPicture);
  return (
    <>
      <div class={`drop ${dragging ? 'over' : ''}`}>
        <PictureIcon />
        <p>
          <strong>Drop a picture here</strong>, paste it, or
        </p>
        <div class="buttons">
          <button type="button" class="primary" onClick={() => input.current?.click()}>
            Choose a file
          </button>
          <button type="button" aria-expanded={camera} onClick={() => setCamera(!camera)}>
            <CameraIcon />
            {camera ? 'Stop the camera' : 'Use the camera'}
          </button>
        </div>
        <input
          ref={input}
          class="unseen"
          type="file"
          accept="image/*"
          tabIndex={-1}
          aria-label="Picture file"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file !== undefined) onPicture(file);
            // So that choosing the same file again counts as a change.
            currentTarget.value = '';
          }}
        />
        <p class="hint">JPEG, PNG, WebP, GIF or AVIF. Big photos are made smaller before they are sent.</p>
      </div>
      {camera && (
        <Camera
          note={note}
          onPicture={(picture) => {
            setCamera(false);
            onPicture(picture);
          }}
        />
      )}
    </>
  );
}

/** Takes pictures dropped or pasted anywhere on the page; whether one is being dragged over it. */
function usePageDrops(onPicture: (file: Blob) => void): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const take = (data: DataTransfer | null) => {
      const file = [...(data?.files ?? [])][0];
      if (file !== undefined) onPicture(file);
    };
    document.addEventListener(
      'dragover',
      (event) => {
        event.preventDefault();
        setDragging(true);
      },
      { signal },
    );
    document.addEventListener(
      'dragleave',
      (event) => {
        if (event.relatedTarget === null) setDragging(false);
      },
      { signal },
    );
    document.addEventListener(
      'drop',
      (event) => {
        event.preventDefault();
        setDragging(false);
        take(event.dataTransfer);
      },
      { signal },
    );
    document.addEventListener('paste', (event) => take(event.clipboardData), { signal });
    return () => stop.abort();
  }, [onPicture]);
  return dragging;
}
