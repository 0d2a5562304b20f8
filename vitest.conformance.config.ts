import { defineConfig } from 'vitest/config';
import { shared as usual } from './vitest.config.js';

/** They find out limits by measuring time: nothing else may run beside them. */
const MEASURED = ['limit-declared', 'limit-discovery', 'limit-clone', 'load-agrees'].map(
  (name) => `test/conformance/${name}.test.ts`,
);

const shared = { ...usual, testTimeout: 60_000 };

/** Clients and data that nobody here wrote, against the daemons as they are built. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'clients',
          include: ['test/conformance/**/*.test.ts'],
          exclude: MEASURED,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'measured',
          include: MEASURED,
          exclude: [],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
