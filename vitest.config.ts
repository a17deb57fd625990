import { defineConfig } from 'vitest/config';

const conditions = ['@percept/source', 'node', 'import', 'module', 'default'];

/** Tests run from `src` through the `@percept/source` condition; only workers and packed tarballs need a build. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', '**/node_modules/**', '**/dist/**'],
          setupFiles: ['./test/setup/fail-on-console.ts'],
          testTimeout: 30_000,
        },
      },
    ],
  },
});
