import { availableParallelism } from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumLaunchOptions } from './test/setup/launch-chromium.js';

const source = '@percept/source';
const nodeConditions = [source, 'node', 'import', 'module', 'default'];
const browserConditions = [source, 'browser', 'import', 'module', 'default'];

const packageTests = ['packages/*/src/**/*.test.{ts,tsx}', 'examples/*/src/**/*.test.ts'];

/** Tests run from `src` through the `@percept/source` condition; only workers and packed tarballs need a build. */
export default defineConfig({
  test: {
    // Vitest leaves a core to itself, which on two cores is half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        resolve: { conditions: nodeConditions },
        ssr: { resolve: { conditions: nodeConditions, externalConditions: nodeConditions } },
        test: {
          name: 'node',
          include: packageTests,
          exclude: ['**/*.{browser,slow}.test.ts', '**/node_modules/**', '**/dist/**'],
          setupFiles: ['./test/setup/fail-on-console.ts'],
          testTimeout: 30_000,
          // A browser takes its time to close where others want the processor, too.
          hookTimeout: 60_000,
        },
      },
      {
        // What takes most of a minute: `.ci/run` has the time.
        resolve: { conditions: nodeConditions },
        ssr: { resolve: { conditions: nodeConditions, externalConditions: nodeConditions } },
        test: {
          name: 'slow',
          include: ['packages/*/src/**/*.slow.test.ts'],
          setupFiles: ['./test/setup/fail-on-console.ts'],
          testTimeout: 300_000,
        },
      },
      {
        resolve: { conditions: browserConditions },
        optimizeDeps: {
          exclude: ['onnxruntime-web', '@jsquash/jpeg'],
          // Found late, they would reload the page in the middle of a first run.
          include: ['zod', 'zod/mini', 'zod/v4/core', 'fast-check'],
        },
        // Cross-origin isolation gives pages SharedArrayBuffer, and with it WASM threads.
        server: {
          headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
        },
        test: {
          name: 'browser',
          include: ['packages/*/src/**/*.browser.test.ts'],
          setupFiles: ['./test/setup/fail-on-console.ts'],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: await chromiumLaunchOptions() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          name: 'house',
          include: ['test/house/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'shipped',
          include: ['test/shipped/*.test.ts'],
          globalSetup: ['./test/setup/installed-packages.ts'],
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'examples',
          include: ['test/examples/*.test.ts'],
          globalSetup: ['./test/setup/quick-loop.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/*.test.ts'],
          testTimeout: 1_200_000,
          // A server that stops leaves gigabytes to be deleted.
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
