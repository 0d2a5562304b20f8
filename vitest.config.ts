import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/conformance/**'],
    // Processes of their own: tests load a native module, open sockets and take signals.
    pool: 'forks',
    globalSetup: ['test/helpers/built-dist.ts'],
    // What a test leaves open keeps its process from ending: after this long that is reported and fails the run.
    teardownTimeout: 5_000,
    dangerouslyIgnoreUnhandledErrors: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    restoreMocks: true,
  },
});
