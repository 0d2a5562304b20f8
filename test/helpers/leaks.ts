/** A test file that leaves sockets, servers or processes behind fails. Runs in each file's process, after its own hooks. */
import { afterAll } from 'vitest';
import { waitFor } from './wait-for.js';

/** As process.getActiveResourcesInfo() calls them. */
const LEAKS = ['TCPSocketWrap', 'TCPServerWrap', 'UDPWrap', 'ProcessWrap'];

const leaks = () => process.getActiveResourcesInfo().filter((name) => LEAKS.includes(name));

afterAll(async () => {
  // What was closed may take a few turns to be gone.
  await waitFor(() => leaks().length === 0, { timeoutMs: 3_000 }).catch(() => {
    throw new Error(`left behind by this test file: ${leaks().join(', ')}`);
  });
});
