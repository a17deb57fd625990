// Records of TensorBoard's event files: `Event` messages of TensorFlow's event.proto and summary.proto, framed.
import { concatBytes } from '@percept/core';
import { bytesField, doubleField, floatField, varintField } from './protobuf.js';
import { frameRecord } from './record-framing.js';

const event = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 };
const summary = { value: 1 };
const value = { tag: 1, simpleValue: 2, image: 4, tensor: 8, metadata: 9 };
const metadata = { pluginData: 1, pluginName: 1 };
const tensor = { dtype: 1, shape: 2, stringValue: 8 };
const image = { height: 1, width: 2, colorspace: 3, encoded: 4 };
const sessionLog = { status: 1 };
const stringType = 7;
const sessionStart = 1;

/** When a record was made, in seconds since 1970, and at which step. */
export interface EventTime {
  readonly seconds: number;
  readonly step: number;
}

/** The first record of every file. */
export function fileVersionRecord(seconds: number): Uint8Array {
  return record({ seconds, step: 0 }, bytesField(event.fileVersion, 'brain.Event:2'));
}

/** Says that a run goes on from a step: readers forget what earlier files tell of this step and later ones. */
export function restartRecord(time: EventTime): Uint8Array {
  return record(time, bytesField(event.sessionLog, [varintField(sessionLog.status, sessionStart)]));
}

/** Metrics of a step, each as a scalar (float32, as everywhere in TensorBoard). */
export function scalarsRecord(time: EventTime, metrics: Readonly<Record<string, number>>): Uint8Array {
  const values = Object.entries(metrics).map(([tag, scalar]) =>
    bytesField(summary.value, [bytesField(value.tag, tag), floatField(value.simpleValue, scalar)]),
  );
  return record(time, bytesField(event.summary, values));
}

/** Text, which TensorBoard shows as Markdown. */
export function textRecord(time: EventTime, tag: string, text: string): Uint8Array {
  const plugin = bytesField(metadata.pluginData, [bytesField(metadata.pluginName, 'text')]);
  return record(
    time,
    bytesField(event.summary, [
      bytesField(summary.value, [
        bytesField(value.tag, tag),
        bytesField(value.tensor, [
          varintField(tensor.dtype, stringType),
          bytesField(tensor.shape, []),
          bytesField(tensor.stringValue, text),
        ]),
        bytesField(value.metadata, [plugin]),
      ]),
    ]),
  );
}

/** A PNG; `undefined` when the bytes are none. */
export function imageRecord(time: EventTime, tag: string, png: Uint8Array): Uint8Array | undefined {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  // Signature, length and name of the header, width, height, depth, colour type.
  if (png.length < 26 || view.getUint32(0) !== 0x89504e47 || view.getUint32(12) !== 0x49484452) return undefined;
  // Grey, RGB, palette, grey with alpha, RGBA.
  const channels = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 }[png[25]!];
  if (channels === undefined) return undefined;
  return record(
    time,
    bytesField(event.summary, [
      bytesField(summary.value, [
        bytesField(value.tag, tag),
        bytesField(value.image, [
          varintField(image.height, view.getUint32(20)),
          varintField(image.width, view.getUint32(16)),
          varintField(image.colorspace, channels),
          bytesField(image.encoded, png),
        ]),
      ]),
    ]),
  );
}

function record({ seconds, step }: EventTime, what: Uint8Array): Uint8Array {
  // A field of 0 is not written.
  const fields = [doubleField(event.wallTime, seconds), ...(step === 0 ? [] : [varintField(event.step, step)]), what];
  return frameRecord(concatBytes(fields));
}
