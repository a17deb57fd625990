// What people give in place of a model by mistake, told by the first bytes.
const text = (prefix: string) => [...prefix].map((letter) => letter.charCodeAt(0));

const formats: readonly (readonly [at: number, magic: readonly number[], words: string])[] = [
  [0, text('version https://git-lfs'), 'a Git LFS pointer. Fetch the file that it stands for: git lfs pull'],
  [0, text('<'), 'a web page. Take the address of the file itself, and sign in where that is needed'],
  [0, [0x1f, 0x8b], 'a gzip file. Unpack it first'],
  [0, text('PK\x03\x04'), 'a ZIP archive, as PyTorch and Keras write them. Unpack it, or export the model to ONNX'],
  [4, text('ORTM'), 'a model in the format of onnxruntime. Take the .onnx file that it was made from'],
  [4, text('TFL3'), 'a TensorFlow Lite model. Convert it to ONNX first'],
];

/** What bytes that are no ONNX model are instead, and what to do about it; `undefined` where that is not known. */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  return formats.find(([at, magic]) => magic.every((byte, index) => bytes[at + index] === byte))?.[2];
}
