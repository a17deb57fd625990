import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PerceptError } from '@percept/core';

/** What the command line asks for. */
export interface LoopOptions {
  /** Folder of photos in class sub-folders; without it the 70,000 pictures of clothing. */
  readonly data: string | undefined;
  /** Where everything is kept, so that a second run reuses it. */
  readonly out: string;
  /** A tenth of the data. */
  readonly quick: boolean;
  /** Keep the app open at the end. */
  readonly serve: boolean;
  /** First port to try. */
  readonly port: number;
}

export const usage = `Usage: npm start -- [options]

  --data FOLDER   learn from photos in class sub-folders (or train/ and test/ of them) instead of the clothing
  --out FOLDER    keep data, runs, models and plots there (default .percept/clothing-loop)
  --quick         use a tenth of the data
  --no-serve      end after the summary; its last line is one JSON object
  --port N        first port to try (default 8080)
  --help          this text`;

/**
 * Reads the command line; `undefined` when only help was asked for.
 *
 * @throws PerceptError `EXAMPLE_USAGE` for an unknown option or a port that is none
 */
export function readOptions(args: string[]): LoopOptions | undefined {
  const values = parse(args);
  // npm runs scripts in the root of the repository and says where it was called.
  const from = process.env.INIT_CWD ?? process.cwd();
  if (values.help) return undefined;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new PerceptError(
      'EXAMPLE_USAGE',
      `Expected a port in 0..65535 for --port but received "${values.port}"\n\n${usage}`,
    );
  }
  return {
    data: values.data === undefined ? undefined : resolve(from, values.data),
    out: resolve(values.out),
    quick: values.quick,
    serve: !values['no-serve'],
    port,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        data: { type: 'string' },
        out: { type: 'string', default: '.percept/clothing-loop' },
        quick: { type: 'boolean', default: false },
        'no-serve': { type: 'boolean', default: false },
        port: { type: 'string', default: '8080' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new PerceptError('EXAMPLE_USAGE', `${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}
