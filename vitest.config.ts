import { defineConfig } from 'vitest/config';

const conditions = ['@tweedie/source', 'node', 'import', 'module', 'default'];

/** One run for the whole workspace; packages resolve to their sources, so no build is needed. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{packages,apps,benchmarks,examples,reliability,scripts}/**/*.test.{ts,mjs}'],
    exclude: ['**/node_modules/**', '**/dist/**', 'runs/**'],
    pool: 'forks',
    reporters: ['default', './scripts/closing-count.mjs'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
