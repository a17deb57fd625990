import { useEffect, useRef, useState } from 'preact/hooks';
import { toJpeg } from './prepare-photo.js';

/** Shows the camera until a picture is taken or it is removed from the page, which turns the camera off. */
export function Camera({ onPicture, note }: { onPicture(picture: Blob): void; note: string | undefined }) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const [ready, setReady] = useState(false);

  useEffect(() => {
    let gone = false;
    let stream: MediaStream | undefined;
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    void openCamera().then((opened) => {
      if (typeof opened === 'string') return setProblem(opened);
      stream = opened;
      if (gone) return stop();
      if (video.current !== null) video.current.srcObject = stream;
    });
    return () => {
      gone = true;
      stop();
    };
  }, []);

  const take = async () => {
    const canvas = document.createElement('canvas');
    canvas.width = video.current!.videoWidth;
    canvas.height = video.current!.videoHeight;
    canvas.getContext('2d')!.drawImage(video.current!, 0, 0);
    const picture = await toJpeg(canvas);
    if (picture !== null) onPicture(picture);
  };

  if (problem !== undefined) {
    return (
      <p class="problem" role="alert">
        {problem}
      </p>
    );
  }
  return (
    <div class="camera">
      <video
        ref={video}
        autoplay
        playsInline
        muted
        aria-label="Live picture of the camera"
        onLoadedData={() => setReady(true)}
      />
      <button type="button" class="primary" disabled={!ready} onClick={take}>
        {ready ? 'Take the picture' : 'Camera is starting…'}
      </button>
      {note !== undefined && (
        <p class="hint">Camera pictures are only illustrative where they differ from what the model was made for.</p>
      )}
    </div>
  );
}

/** The camera's stream, or why there is none. */
async function openCamera(): Promise<MediaStream | string> {
  if (navigator.mediaDevices === undefined) {
    return 'Browsers give pages a camera only over https or on this very machine (localhost).';
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
  } catch (error) {
    const { name } = error as DOMException;
    if (name === 'NotAllowedError') return 'The camera was not allowed. Allow it in the address bar, then try again.';
    if (name === 'NotFoundError') return 'No camera was found.';
    return 'The camera cannot be used; another program may be using it.';
  }
}
