import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/platform/clock.js';
import type { OptionSchema } from '../../../src/platform/config/options.js';
import { sharedOptions } from '../../../src/platform/daemon/shared-options.js';
import { type PrivateDaemonRequest, withPrivateDaemon } from '../../../src/platform/load/private-daemon.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

/** Says how it was started, in place of its endpoints, and ends when told to. */
const DAEMON = `
const { argv, env } = process;
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1000);
console.log(JSON.stringify({ endpoints: { args: argv.slice(2).join(' '), home: env.DS_HOME, url: env.DS_DNS_URL, pid: String(process.pid) } }));
`;
const FAILING = `console.error('no room'); process.exit(4);`;

const options = {
  listen: { kind: 'address', default: '127.0.0.1:1053', about: 'DNS' },
  doh: { kind: 'address', default: 'off', optional: true, about: 'DNS over HTTPS' },
  ...sharedOptions('127.0.0.1:9053'),
} as const satisfies OptionSchema;

function daemon(script: string, also: Partial<PrivateDaemonRequest> = {}): PrivateDaemonRequest {
  const path = join(temporaryFolder(), 'daemon.cjs');
  writeFileSync(path, script);
  return {
    block: 'dns',
    options,
    program: [process.execPath, path],
    env: { ...process.env, DS_DNS_URL: 'udp://192.0.2.1' },
    clock: systemClock,
    signal: new AbortController().signal,
    ...also,
  };
}

test('a daemon of its own listens where its block does, on free ports, in a home that is removed', async () => {
  const request = daemon(DAEMON, { args: ['--zone-file', 'shop.zone'] });
  const [{ args, home, url, pid }, childPid] = await withPrivateDaemon(request, async (...given) => given);
  expect(String(childPid)).toBe(pid);
  expect(args).toBe('dns serve --json --listen 127.0.0.1:0 --admin off --zone-file shop.zone');
  expect(url).toBeUndefined();
  expect(existsSync(home ?? '')).toBe(false);
});

test('a daemon that cannot start is an error with what it said', async () => {
  const failure = withPrivateDaemon(daemon(FAILING), async () => 'never');
  await expect(failure).rejects.toMatchObject({
    code: 'daemon.start_failed',
    message: expect.stringContaining('ended with 4: no room'),
  });
});
