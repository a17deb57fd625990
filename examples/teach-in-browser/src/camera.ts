// The camera: opened when asked for, closed when not needed, its troubles in words.
import { PlainError } from './plain-error.js';

/** A camera that the browser knows. */
export interface CameraChoice {
  readonly id: string;
  readonly name: string;
}

/** Shows a camera in a video element. */
export class Camera {
  readonly #video: HTMLVideoElement;
  #stream: MediaStream | undefined;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  get isOn(): boolean {
    return this.#stream !== undefined;
  }

  /** Whether the picture should be shown as in a mirror: people expect it of cameras that look at them. */
  get facesUser(): boolean {
    return this.#stream?.getVideoTracks()[0]?.getSettings().facingMode !== 'environment';
  }

  /**
   * Turns the camera on and waits for its first picture.
   *
   * @param id the one to use; by default the browser's choice
   * @param onLost told when the camera goes away by itself
   * @throws PlainError when there is none, or it may not be used
   */
  async turnOn(id: string | undefined, onLost: (reason: PlainError) => void): Promise<void> {
    this.turnOff();
    const stream = await openStream(id);
    this.#stream = stream;
    for (const track of stream.getVideoTracks()) {
      track.addEventListener('ended', () => {
        if (this.#stream !== stream) return;
        this.turnOff();
        onLost(new PlainError('The camera is gone: it was unplugged, or another program took it. Turn it on again.'));
      });
    }
    this.#video.srcObject = stream;
    await this.#video.play().catch(() => undefined);
    if (this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) return;
    await new Promise((resolve) => this.#video.addEventListener('loadeddata', resolve, { once: true }));
  }

  turnOff(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video.srcObject = null;
  }

  /** What the camera shows now; `undefined` when it is off. The caller closes it or hands it over. */
  async picture(): Promise<ImageBitmap | undefined> {
    if (!this.isOn || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return undefined;
    return createImageBitmap(this.#video).catch(() => undefined);
  }

  /** The cameras of this device. Their names are told only after one was allowed. */
  async choices(): Promise<CameraChoice[]> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices
      .filter(({ kind }) => kind === 'videoinput')
      .map(({ deviceId, label }, index) => ({ id: deviceId, name: label || `Camera ${index + 1}` }));
  }

  /** Which camera is on. */
  get id(): string | undefined {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
  }
}

/** Whether the user has allowed the camera in an earlier visit, so that it can come on without a question. */
export async function isCameraAllowed(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: 'camera' as PermissionName })).state === 'granted';
  } catch {
    return false;
  }
}

async function openStream(id: string | undefined): Promise<MediaStream> {
  if (navigator.mediaDevices === undefined) {
    throw new PlainError('Browsers give pages a camera only over https, or on this very machine (localhost).');
  }
  const video: MediaTrackConstraints = {
    width: { ideal: 640 },
    height: { ideal: 480 },
    ...(id === undefined ? {} : { deviceId: { exact: id } }),
  };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new PlainError(whyNot((error as DOMException).name));
  }
}

function whyNot(name: string): string {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'The camera was not allowed. Allow it beside the address of this page, then turn it on again. Image files work without it.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'No camera was found. Plug one in and turn it on again, or add image files to the classes.';
    case 'NotReadableError':
      return 'The camera is in use by another program. Close that, then turn the camera on again.';
    default:
      return 'The camera cannot be used. Image files work without it.';
  }
}
