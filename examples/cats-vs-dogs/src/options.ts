import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PerceptError } from '@percept/core';
import { type PreprocessName, preprocessNames } from './preprocessing.js';
import { type RecipeName, recipeNames } from './recipes.js';

/** What the command line asks for. */
export interface ExampleOptions {
  /** Folder or tar file of photos: `train/` and `test/`, in each a folder per class. */
  readonly data: string;
  /** ONNX file of a network that was trained on ImageNet. */
  readonly model: string;
  /** How the network was shown its images; `undefined`: as its metadata says. */
  readonly preprocess: PreprocessName | undefined;
  readonly recipe: RecipeName;
  /** Where the trained model and the report are written. */
  readonly out: string;
  /** A tenth of the photos, for a first look. */
  readonly quick: boolean;
}

export const usage = `Usage: npm start -w @percept-examples/cats-vs-dogs -- --data PHOTOS --model FILE [options]

  --data PHOTOS    folder or tar file with train/<class>/… and test/<class>/…
  --model FILE     ONNX file of a network trained on ImageNet, such as a MobileNetV2 or a ResNet-18
  --preprocess NAME  how the network was shown its images, where its file does not say: torchvision (default: as most
                   networks from PyTorch) or tensorflow (values in -1..1: the default where --model is left out)
  --recipe NAME    features (default): the backbone stays, its features are computed once, a new last layer learns
                   classic: all weights learn for 10 epochs, Adam 1e-3 halved every 5, flips, ±15°, colour jitter
  --out FOLDER     where model.onnx and report.html are written (default .percept/cats-vs-dogs)
  --quick          use a tenth of the photos
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
    if (shared !== undefined) return resolve(shared, fallback);
    throw new PerceptError('EXAMPLE_USAGE', `Expected --${name} but received none\n\n${usage}`);
  };
  const recipe = recipeNames.find((name) => name === values.recipe);
  if (recipe === undefined) {
    throw new PerceptError(
      'EXAMPLE_USAGE',
      `Expected ${recipeNames.join(' or ')} for --recipe but received ${JSON.stringify(values.recipe)}\n\n${usage}`,
    );
  }
  const preprocess = preprocessNames.find((name) => name === values.preprocess);
  if (values.preprocess !== undefined && preprocess === undefined) {
    throw new PerceptError(
      'EXAMPLE_USAGE',
      `Expected ${preprocessNames.join(' or ')} for --preprocess but received ${JSON.stringify(values.preprocess)}\n\n${usage}`,
    );
  }
  return {
    data: given('data', 'cats-vs-dogs/cats-vs-dogs-224.tar'),
    model: given('model', 'models/imagenet/mobilenetv2_1.0_224_fp32.onnx'),
    preprocess: preprocess ?? (values.model === undefined ? 'tensorflow' : undefined),
    recipe,
    out: resolve(from, values.out),
    quick: values.quick,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        data: { type: 'string' },
        model: { type: 'string' },
        preprocess: { type: 'string' },
        recipe: { type: 'string', default: 'features' },
        out: { type: 'string', default: '.percept/cats-vs-dogs' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new PerceptError('EXAMPLE_USAGE', `${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}
