import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PerceptError } from '@percept/core';

/** How networks are shown their images where their file does not say. */
const preprocessNames = ['torchvision', 'tensorflow'] as const;
type PreprocessName = (typeof preprocessNames)[number];

/** What the command line asks for. */
export interface ExampleOptions {
  /** ONNX file of a classifier. */
  readonly model: string;
  /** Folder or tar file of photos such as the model will see; they need no labels. */
  readonly data: string;
  readonly preprocess: PreprocessName | undefined;
  /** Where the models and the report are written. */
  readonly out: string;
  /** Photos to use, at most. */
  readonly photos: number;
  /** Epochs of distillation after pruning. */
  readonly epochs: number;
}

export const usage = `Usage: npm start -w @percept-examples/shrink-a-model -- --model FILE --data PHOTOS [options]

  --model FILE     ONNX file of a classifier
  --data PHOTOS    folder or tar file of photos such as it will see, without labels
  --preprocess NAME  how it is shown its images, where its file does not say: torchvision (default: as most networks from
                   PyTorch) or tensorflow (values in -1..1: the default where --model is left out)
  --photos N       use so many, at most (default 600): three quarters to calibrate and to learn from, a quarter to judge by
  --epochs N       passes over them after pruning (default 3)
  --out FOLDER     where the models and report.html are written (default .percept/shrink-a-model)
  --help           this text

With the environment variable PERCEPT_DATA, a folder with cats-vs-dogs/ and models/imagenet/, --data and --model may be
left out.`;

/**
 * Reads the command line; `undefined` when only help was asked for.
 *
 * @throws PerceptError `EXAMPLE_USAGE` for what is missing or unknown
 */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv = process.env): ExampleOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const { PERCEPT_DATA: shared, INIT_CWD: from = process.cwd() } = environment;
  const given = (name: 'data' | 'model', fallback: string): string => {
    const value = values[name];
    if (value !== undefined) return resolve(from, value);
    if (shared) return resolve(shared, fallback);
    throw misused(`Expected --${name} but received none`);
  };
  const preprocess = preprocessNames.find((name) => name === values.preprocess);
  if (values.preprocess !== undefined && preprocess === undefined) {
    throw misused(
      `Expected ${preprocessNames.join(' or ')} for --preprocess but received ${JSON.stringify(values.preprocess)}`,
    );
  }
  return {
    model: given('model', 'models/imagenet/mobilenetv2_1.0_224_fp32.onnx'),
    data: given('data', 'cats-vs-dogs/cats-vs-dogs-224.tar'),
    preprocess: preprocess ?? (values.model === undefined ? 'tensorflow' : undefined),
    out: resolve(from, values.out),
    photos: count('photos', values.photos, 8),
    epochs: count('epochs', values.epochs, 1),
  };
}

function count(name: string, given: string, least: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= least) return value;
  throw misused(`Expected a whole number of at least ${least} for --${name} but received ${JSON.stringify(given)}`);
}

function misused(message: string, cause?: unknown): PerceptError {
  return new PerceptError('EXAMPLE_USAGE', `${message}\n\n${usage}`, { cause });
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        model: { type: 'string' },
        data: { type: 'string' },
        preprocess: { type: 'string' },
        photos: { type: 'string', default: '600' },
        epochs: { type: 'string', default: '3' },
        out: { type: 'string', default: '.percept/shrink-a-model' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw misused((error as Error).message, error);
  }
}
