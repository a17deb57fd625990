// From the student's images to those that the teacher was trained on.
import { PerceptError, type PreprocessSpec, tensor } from '@percept/core';
import type { Attribute } from '@percept/onnx';
import type { AddedNodes } from './added-nodes.js';
import { type MapSize, resizedMap } from './feature-nodes.js';

/** How images are converted. */
export interface InputConversion {
  /** Size of the images that the teacher sees. */
  readonly size: MapSize;
  /** The student's channel of each of the teacher's; absent where they are the same. */
  readonly channels?: readonly number[];
  /** `y = slope · x + offset` by the teacher's channels; absent where the numbers are the same. */
  readonly affine?: { readonly slope: readonly number[]; readonly offset: readonly number[] };
  /** Whether the teacher takes channels last. */
  readonly channelsLast: boolean;
}

/** What is known of both sides. */
export interface ConversionContext {
  /** Dims of the student's batch, `[N, C, H, W]`. */
  readonly dims: readonly number[];
  readonly size: MapSize;
  readonly student: PreprocessSpec | undefined;
  readonly teacher: PreprocessSpec | undefined;
}

/**
 * Plans the conversion. Colours and numbers are converted where both models say what theirs are; else the teacher sees
 * the student's numbers.
 *
 * @throws PerceptError `OPTIMIZE_TEACHER_UNSUITABLE` for a colour teacher of a student of grey images or the reverse
 */
export function planConversion({ size, student, teacher }: ConversionContext): InputConversion {
  const channelsLast = teacher?.layout === 'NHWC';
  if (student === undefined || teacher === undefined) return { size, channelsLast };
  const channels = channelSources(student.color, teacher.color);
  const factor = teacher.scale / student.scale;
  const slope = teacher.std.map((std, at) => (student.std[channels[at]!]! * factor) / std);
  const offset = teacher.std.map((std, at) => (student.mean[channels[at]!]! * factor - teacher.mean[at]!) / std);
  const same = slope.every((value) => value === 1) && offset.every((value) => value === 0);
  return {
    size,
    channelsLast,
    ...(channels.length === student.mean.length && channels.every((from, at) => from === at) ? {} : { channels }),
    ...(same ? {} : { affine: { slope, offset } }),
  };
}

/** The student's channel of each of the teacher's. */
function channelSources(student: PreprocessSpec['color'], teacher: PreprocessSpec['color']): number[] {
  if (student === 'gray') return teacher === 'gray' ? [0] : [0, 0, 0];
  if (teacher === 'gray') {
    throw new PerceptError(
      'OPTIMIZE_TEACHER_UNSUITABLE',
      `Expected a teacher of ${student} images, as the student's are, but it takes grey ones. Give its own images as teacherData`,
    );
  }
  return student === teacher ? [0, 1, 2] : [2, 1, 0];
}

/** Adds the conversion of the value `images`, `[N, C, H, W]` float32, and gives the value that the teacher takes. */
export function emitConversion(
  added: AddedNodes,
  images: string,
  dims: readonly number[],
  { size, channels, affine, channelsLast }: InputConversion,
): string {
  let value = images;
  if (channels !== undefined) {
    const indices = added.constant(
      'channels',
      tensor(
        'int64',
        [channels.length],
        channels.map((index) => BigInt(index)),
      ),
    );
    value = added.node('Gather', [value, indices], { axis: { type: 'int', value: 1 } });
  }
  if (affine !== undefined) {
    const perChannel = (name: 'slope' | 'offset'): string =>
      added.constant(name, tensor('float32', [affine[name].length, 1, 1], affine[name]));
    value = added.node('Add', [added.node('Mul', [value, perChannel('slope')]), perChannel('offset')]);
  }
  value = resizedMap(added, value, [dims[2]!, dims[3]!], size);
  const perm: Attribute = { type: 'ints', value: [0, 2, 3, 1] };
  return channelsLast ? added.node('Transpose', [value], { perm }) : value;
}
