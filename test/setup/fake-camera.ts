import { writeFileSync } from 'node:fs';

/** Size of the pictures, in pixels. */
const [width, height] = [320, 240];
const frames = 12;

/** A colour as red, green and blue, 0..255. */
export type Colour = readonly [number, number, number];

/** Something that a camera can see. */
export interface Scene {
  readonly ground: Colour;
  /** What the thing is filled with. */
  readonly colour: Colour;
  /** Whether a point is inside the thing, which is about 1 wide, with the origin in its middle. */
  inside(x: number, y: number): boolean;
}

/** Chromium's flags for a camera that plays a file, and for allowing it. */
export function fakeCameraFlags(file: string): string[] {
  return [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${file}`,
  ];
}

/** Writes what the camera shows from the next time that it is turned on: a thing that moves about a little. */
export function showToCamera(file: string, { ground, colour, inside }: Scene): void {
  const parts: Uint8Array[] = [ascii(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < frames; frame++) {
    const angle = (2 * Math.PI * frame) / frames;
    const [centreX, centreY] = [width / 2 + 25 * Math.cos(angle), height / 2 + 20 * Math.sin(angle)];
    const scale = 130 + 15 * Math.cos(2 * angle);
    const at = (x: number, y: number): Colour =>
      inside((x - centreX) / scale, (y - centreY) / scale) ? colour : ground;
    parts.push(ascii('FRAME\n'), ...planes(at));
  }
  writeFileSync(file, Buffer.concat(parts));
}

/** Y, Cb and Cr of full range, the last two at half the size. */
function planes(at: (x: number, y: number) => Colour): Uint8Array[] {
  const plane = (step: number, value: (colour: Colour) => number): Uint8Array =>
    Uint8Array.from({ length: (width / step) * (height / step) }, (_, index) => {
      const columns = width / step;
      return Math.round(value(at((index % columns) * step, Math.floor(index / columns) * step)));
    });
  return [
    plane(1, ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b),
    plane(2, ([r, g, b]) => 128 - 0.168736 * r - 0.331264 * g + 0.5 * b),
    plane(2, ([r, g, b]) => 128 + 0.5 * r - 0.418688 * g - 0.081312 * b),
  ];
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
