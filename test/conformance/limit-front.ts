/** What the tests of proxies that ask `ds limit serve` share: the daemon behind them, and clients before them. */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const SERVE = ['limit', 'serve', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--admin', 'off'];

const POLICIES = `
policies:
  - name: pages
    match: {path: /pages/**, method: GET}
    key: [client]
    limits: [{name: burst, rate: 3/min}]
`;

/** `ds limit serve` with these policies; host and port of its HTTP endpoint. */
export async function startLimiter(more: readonly string[] = [], policies = POLICIES): Promise<string> {
  const file = join(temporaryFolder(), 'policies.yaml');
  writeFileSync(file, policies);
  const { ready } = await startDs([...SERVE, '--policy', file, ...more]);
  return new URL(ready.endpoints['http'] ?? '').host;
}

/** Ends a program, and waits for it. */
export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** The status that a client at this address of the machine gets. */
export function statusFor(
  url: string,
  localAddress: string,
  headers: Record<string, string>,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { localAddress, headers, agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject);
    sent.end();
  });
}
