import type { Correction, FeedbackSink, MonitorReport, PredictionObserver } from '@percept/core';
import type { Hono } from 'hono';
import { createApp } from '../create-app.node.js';
import type { AppOptions } from '../http/app-options.js';
import type { Predictor } from '../prediction.js';
import { createPredictor, type PredictorOptions } from '../predictor.js';
import { colorModel } from './color-model.js';
import { FakeRuntime } from './fake-runtime.js';

/** An app over {@link colorModel} and {@link FakeRuntime}, with everything that a test may want to look into. */
export interface TestApp {
  readonly app: Hono;
  readonly predictor: Predictor;
  readonly runtime: FakeRuntime;
  readonly corrections: Correction[];
}

/** Keeps corrections in an array. */
export function memoryFeedback(corrections: Correction[]): FeedbackSink {
  return {
    async store(correction) {
      return `correction-${corrections.push(correction)}`;
    },
  };
}

/** Counts predictions and reports them with fixed figures. */
export function countingObserver(report: Partial<MonitorReport> = {}): PredictionObserver {
  let images = 0;
  return {
    observe: () => void images++,
    report: async () => ({ images, status: 'warming-up', meanPsi: null, properties: {}, scores: {}, ...report }),
  };
}

export function testApp(options: Partial<AppOptions> = {}, predictorOptions: Partial<PredictorOptions> = {}): TestApp {
  const runtime = new FakeRuntime();
  const corrections: Correction[] = [];
  const predictor = createPredictor({
    model: { bytes: colorModel(), name: 'colors', version: 2 },
    runtime,
    ...predictorOptions,
  });
  const app = createApp({ predictor, feedback: memoryFeedback(corrections), ...options });
  return { app, predictor, runtime, corrections };
}
