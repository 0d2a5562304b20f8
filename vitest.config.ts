import { defineConfig } from 'vitest/config';

/** For the tests of conformance, too. */
export const shared = {
  // Processes of their own: tests load a native module, open sockets and take signals.
  pool: 'forks' as const,
  // Most of the time a test waits for a process of its own, so that two share two cores well; the default there is one.
  maxWorkers: 2,
  globalSetup: ['test/helpers/built-dist.ts'],
  setupFiles: ['test/helpers/leaks.ts'],
  // How long a test file's process may take to end after its last test.
  teardownTimeout: 5_000,
  testTimeout: 20_000,
  hookTimeout: 20_000,
  restoreMocks: true,
  // A machine that others share stands still for seconds now and then. Who needed a second run is told; at a developer's desk it fails.
  retry: process.env['CI'] === undefined ? 0 : 1,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'units',
          include: ['test/{blocks,platform}/**/*.test.ts'],
          // One process for many files, whose modules are loaded once: to begin anew for each took half of their time.
          isolate: false,
        },
      },
      { test: { ...shared, name: 'processes', include: ['test/{e2e,crash}/**/*.test.ts'] } },
    ],
  },
});
