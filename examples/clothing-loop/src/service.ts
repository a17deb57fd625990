import type { Sample } from '@percept/core';
import { feedbackStore } from '@percept/data';
import { createMonitor } from '@percept/monitor';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { createApp, createPredictor, listen, type Predictor } from '@percept/serve';
import type { Task } from './task.js';
import type { Workspace } from './workspace.js';

/** The running service. */
export interface Service {
  readonly url: string;
  readonly predictor: Predictor;
  close(): Promise<void>;
}

/** Photos over which drift is judged. */
const monitorWindow = 500;

/** Serves whatever `production` points to, int8 first and the float model when that one fails. */
export async function serve(
  workspace: Workspace,
  task: Task,
  examples: readonly Sample[],
  port: number,
): Promise<Service> {
  const resolver = workspace.registry.resolver();
  const monitor = createMonitor({ window: monitorWindow, minimum: 100 });
  const predictor = createPredictor({
    model: { resolver, uri: `models:/${task.name}@production` },
    fallback: { resolver, uri: `models:/${task.name}-float@production` },
    runtime: onnxruntimeNode(),
    observer: monitor,
  });
  const app = createApp({
    predictor,
    observer: monitor,
    feedback: feedbackStore(workspace.data),
    examples: examples.map(({ key, image, extension }) => ({
      name: key,
      bytes: image,
      contentType: `image/${extension === 'jpg' ? 'jpeg' : extension}`,
    })),
    title: task.title,
    note: task.note,
  });
  const server = await listen(app, { port });
  return {
    url: server.url,
    predictor,
    async close() {
      await server.close();
      await predictor.close();
    },
  };
}
