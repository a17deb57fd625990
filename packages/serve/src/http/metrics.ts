import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Predictor, PredictorEvent, ServedModel } from '../prediction.js';
import type { AppMetrics } from './platform.js';

/** Gauges of prom-client whose names end as only counters' may (`promtool check metrics` says so). */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

const stages = {
  decode: 'decodeMs',
  preprocess: 'preprocessMs',
  queue: 'queueMs',
  inference: 'inferenceMs',
  total: 'totalMs',
} as const;

/** Metrics of one app in a registry of its own, with the process's default metrics, in the Prometheus text format. */
export function createMetrics(predictor: Predictor): AppMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);

  const requests = new Counter({
    name: 'percept_http_requests_total',
    help: 'HTTP requests answered.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const requestDuration = new Histogram({
    name: 'percept_http_request_duration_seconds',
    help: 'Time from the request head to the answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const duration = new Histogram({
    name: 'percept_prediction_duration_seconds',
    help: 'Time of a prediction by stage.',
    labelNames: ['stage'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const predictions = new Counter({
    name: 'percept_predictions_total',
    help: 'Predictions answered, by model and predicted class.',
    labelNames: ['model', 'version', 'fallback', 'label'],
    registers,
  });
  const failures = new Counter({
    name: 'percept_prediction_errors_total',
    help: 'Predictions that failed, by error code.',
    labelNames: ['code'],
    registers,
  });
  const batches = new Histogram({
    name: 'percept_batch_size',
    help: 'Images per run of the model.',
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  const corrections = new Counter({
    name: 'percept_corrections_total',
    help: 'Corrections stored.',
    registers,
  });
  const observerErrors = new Counter({
    name: 'percept_observer_errors_total',
    help: 'Times the observer of predictions threw.',
    registers,
  });
  new Gauge({
    name: 'percept_model_info',
    help: 'The model in service; always 1.',
    labelNames: ['model', 'version', 'fallback'],
    registers,
    collect() {
      const { model } = predictor.health();
      this.reset();
      if (model !== undefined) this.set(modelLabels(model), 1);
    },
  });
  new Gauge({
    name: 'percept_pending_predictions',
    help: 'Predictions accepted and not answered yet.',
    registers,
    collect() {
      this.set(predictor.health().pending);
    },
  });

  predictor.subscribe((event: PredictorEvent) => {
    if (event.type === 'prediction') {
      const { model, label, timings } = event.prediction;
      predictions.inc({ ...modelLabels(model), label });
      for (const [stage, field] of Object.entries(stages)) duration.observe({ stage }, timings[field] / 1000);
    } else if (event.type === 'batch') {
      batches.observe(event.size);
    } else if (event.type === 'failure') {
      failures.inc({ code: event.code });
    } else {
      observerErrors.inc();
    }
  });

  return {
    request(method, route, status, seconds) {
      requests.inc({ method, route, status });
      requestDuration.observe({ route }, seconds);
    },
    correction() {
      corrections.inc();
    },
    async exposition() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function modelLabels({ name, version, fallback }: ServedModel) {
  return { model: name, version, fallback: String(fallback) };
}
