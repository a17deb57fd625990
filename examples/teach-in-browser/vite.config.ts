import { defineConfig } from 'vite';
import { pretrainedWeights } from './vite/pretrained-weights.js';

/** With them the page gets SharedArrayBuffer, and WebAssembly computes on several threads. It works without them, too. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  base: './',
  plugins: [pretrainedWeights(process.env.PERCEPT_DATA)],
  // Percept from its sources, as everything in this repository; with the packages from npm the line is not needed.
  resolve: { conditions: ['@percept/source', 'browser', 'import', 'module', 'default'] },
  // onnxruntime-web finds its .wasm beside the script, which would lie elsewhere after Vite has optimized it.
  optimizeDeps: { exclude: ['onnxruntime-web'], include: ['zod', 'zod/mini', 'zod/v4/core'] },
  server: { headers: isolation },
  preview: { headers: isolation },
  worker: { format: 'es' },
  build: { target: 'es2022', chunkSizeWarningLimit: 2000 },
});
