// The BCCD blood cells of PERCEPT_DATA: 364 photos of 640 × 480 with boxes in Pascal VOC's XML, and the official lists.
import { readFileSync } from 'node:fs';
import { decodeImage } from '@percept/image';
import type { DetectionSample } from '@percept/train';

/** Names of the classes. */
export const classes = ['RBC', 'WBC', 'Platelets'];

/** The files of a tar archive (ustar) by their path, views of its bytes. */
function readTar(archive: string): Map<string, Uint8Array> {
  const tar = readFileSync(archive);
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + 512 <= tar.length; ) {
    const text = (from: number, length: number): string =>
      tar.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const name = text(0, 100);
    if (name === '') break;
    const size = Number.parseInt(text(124, 12), 8);
    files.set(name, tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/**
 * The samples of official lists (`train`, `val`, `trainval`, `test`) under names of the caller's, images decoded. Boxes
 * without area are left out.
 */
export async function readBccd<Name extends string>(
  archive: string,
  lists: Readonly<Record<Name, string>>,
): Promise<Record<Name, DetectionSample[]>> {
  const files = readTar(archive);
  const file = (path: string): Uint8Array => {
    const bytes = files.get(`bccd-blood-cells/${path}`);
    if (bytes === undefined) throw new Error(`Expected ${path} in ${archive}`);
    return bytes;
  };
  const text = (path: string): string => new TextDecoder().decode(file(path));
  const sample = async (key: string): Promise<DetectionSample> => {
    const image = await decodeImage(file(`JPEGImages/${key}.jpg`));
    return { key, image, ...objectsOf(text(`Annotations/${key}.xml`)) };
  };
  const read = async ([name, list]: [string, unknown]): Promise<[string, DetectionSample[]]> => {
    const keys = text(`ImageSets/Main/${list}.txt`).trim().split(/\s+/);
    return [name, await Promise.all(keys.map(sample))];
  };
  return Object.fromEntries(await Promise.all(Object.entries(lists).map(read))) as Record<Name, DetectionSample[]>;
}

function objectsOf(xml: string): { boxes: number[]; labels: number[] } {
  const boxes: number[] = [];
  const labels: number[] = [];
  for (const [, object] of xml.matchAll(/<object>(.*?)<\/object>/gs)) {
    const field = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(object!)![1]!;
    const box = ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => Number(field(name)));
    const [left, top, right, bottom] = box as [number, number, number, number];
    if (right <= left || bottom <= top) continue;
    boxes.push(...box);
    labels.push(classes.indexOf(field('name')));
  }
  return { boxes, labels };
}
