import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/conformance/**'],
    // Processes of their own: tests load a native module, open sockets and take signals.
    pool: 'forks',
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
  },
});
