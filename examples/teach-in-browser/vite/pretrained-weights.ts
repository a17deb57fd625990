import { createReadStream, existsSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Where the page asks for the weights. */
const path = '/models/mobilenetv2.onnx';

/**
 * Serves the MobileNetV2 of the data folder to the page, in development and in preview. Without the folder or the file the
 * page is told that there is none, and asks its user for one.
 */
export function pretrainedWeights(dataFolder: string | undefined): Plugin {
  const file = dataFolder && join(dataFolder, 'models', 'imagenet', 'mobilenetv2_1.0_224_fp32.onnx');
  const answer = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    if (request.url?.split('?')[0] !== path) next();
    else if (!file || !existsSync(file)) {
      // Otherwise Vite would answer with the page itself.
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('No weights: start with PERCEPT_DATA');
    } else {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': statSync(file).size });
      createReadStream(file).pipe(response);
    }
  };
  return {
    name: 'percept-pretrained-weights',
    configureServer: ({ middlewares }) => void middlewares.use(answer),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(answer),
  };
}
