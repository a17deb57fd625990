import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { colorPicture } from '../testing/color-model.js';
import { testApp } from '../testing/test-app.js';

const red = (await colorPicture('red')) as Uint8Array<ArrayBuffer>;

/** Prometheus' own linter, where it is installed. */
const promtool = process.env.PROMTOOL ?? 'promtool';
const lint = (text: string) =>
  execFileSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8', stdio: 'pipe' });

async function exposition() {
  const { app } = testApp();
  const predict = (body: BodyInit) =>
    app.request('/api/predict', { method: 'POST', headers: { 'content-type': 'image/png' }, body });
  await Promise.all([predict(red), predict(red), predict('no image')]);
  await app.request('/nothing/here');
  const response = await app.request('/metrics');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return response.text();
}

describe('GET /metrics', () => {
  it('counts requests, predictions by class and stage, batches and errors', async () => {
    const text = await exposition();
    for (const line of [
      'percept_http_requests_total{method="POST",route="/api/predict",status="200"} 2',
      'percept_http_requests_total{method="POST",route="/api/predict",status="415"} 1',
      'percept_http_requests_total{method="GET",route="unknown",status="404"} 1',
      'percept_predictions_total{model="colors",version="2",fallback="false",label="red"} 2',
      'percept_prediction_duration_seconds_count{stage="inference"} 2',
      'percept_prediction_duration_seconds_count{stage="total"} 2',
      'percept_prediction_errors_total{code="IMAGE_UNKNOWN_FORMAT"} 1',
      'percept_batch_size_sum 2',
      'percept_model_info{model="colors",version="2",fallback="false"} 1',
      'percept_pending_predictions 0',
      'percept_corrections_total 0',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('has names that Prometheus likes', async ({ skip }) => {
    const text = await exposition();
    const misnamed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].filter(
      ([, name, type]) => (type === 'counter') !== name!.endsWith('_total'),
    );
    expect(misnamed.map(([line]) => line)).toEqual([]);
    try {
      execFileSync(promtool, ['--version'], { stdio: 'pipe' });
    } catch {
      skip('promtool is not installed');
    }
    expect(lint(text)).toBe('');
  });
});
