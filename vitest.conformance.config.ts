import { defineConfig } from 'vitest/config';
import config from './vitest.config.js';

/** Clients and data that nobody here wrote, against the daemons as they are built. */
export default defineConfig({
  test: {
    ...config.test,
    // Discoveries measure time: nothing else runs beside them.
    maxWorkers: 1,
    include: ['test/conformance/**/*.test.ts'],
    exclude: [],
    testTimeout: 60_000,
  },
});
