/** `ds log serve` as a process: what only the program shows. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs, spawnDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const SERVE = ['log', 'serve', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];

test('lines in by HTTP and by syslog, out by a query, counted by the metrics; a stop loses nothing', async () => {
  const home = temporaryFolder();
  const { ready, stop } = await startDs([...SERVE, '--syslog', '127.0.0.1:0'], { home });
  const { http = '', syslog = '', admin = '' } = ready.endpoints;
  expect(ready).toMatchObject({ block: 'log', db: join(home, 'log.db') });
  const pushed = await fetch(`${http}/ingest?app=demo`, { method: 'POST', body: 'hello\nworld' });
  expect(await pushed.json()).toEqual({ accepted: 2, refused: 0 });
  const socket = createSocket('udp4');
  socket.send(
    '<13>Oct 11 22:14:15 web1 app: by syslog',
    Number(new URL(syslog.replace('syslog+tcp', 'http')).port),
    '127.0.0.1',
    () => socket.close(),
  );
  const query = encodeURIComponent('{app=~".+"}');
  await waitFor(async () =>
    (await (await fetch(`${http}/loki/api/v1/query_range?query=${query}&since=8784h`)).text()).includes('by syslog'),
  );
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  expect(metrics).toMatch(/^ds_log_entries_total{protocol="ndjson"} 2$/m);
  expect(metrics).toMatch(/^ds_log_entries_total{protocol="syslog"} 1$/m);
  expect(metrics).toMatch(/^ds_log_stored_entries 3$/m);
  const { code, stderr } = await stop();
  expect(code).toBe(0);
  expect(stderr).toMatch(/^stopping: .* … stopped, nothing lost\n$/m);
});

test('where tokens are in use the command to try has one, and not which', async () => {
  const home = temporaryFolder();
  const tokens = join(home, 'tokens');
  writeFileSync(tokens, `kJ8sW0fBqkz0b8R2mT9uXw4p shop\n`, { mode: 0o600 });
  const agent = spawnDs([...SERVE, '--tokens-file', tokens], { home });
  const [ready] = await once(agent.stdout.setEncoding('utf8'), 'data');
  expect(ready).toMatch(
    /try: curl -H "Authorization: Bearer \$TOKEN" --data-binary 'hello' 'http:\/\/127\.0\.0\.1:\d+\/ingest\?app=demo'/,
  );
  agent.kill('SIGTERM');
  await once(agent, 'exit');
});

test('what it cannot do is told before it is ready', async () => {
  const tokens = join(temporaryFolder(), 'tokens');
  writeFileSync(tokens, 'short shop\n', { mode: 0o600 });
  for (const [args, message] of [
    [['--listen', '0.0.0.0:0'], /^error: --listen 0\.0\.0\.0:0 would open the logs to other machines/],
    [
      ['--listen', '127.0.0.1:0', '--syslog', '0.0.0.0:0', '--tokens-file', tokens],
      /^error: --syslog 0\.0\.0\.0:0 would open syslog/,
    ],
    [
      ['--tokens-file', tokens],
      /^error: .*tokens cannot be used: line 1: the token has fewer than 16 characters\nhint: /,
    ],
    [['--listen', '127.0.0.1:0', '--max-size', 'big'], /^error: max-size cannot be "big"\nhint: .*20GB/],
    [['--listen', '127.0.0.1:0', '--tls-cert', 'x'], /^error: .*--tls-key/],
  ] as const) {
    const answer = await runDs(['log', 'serve', '--admin', 'off', ...args]);
    expect({ args, ...answer }).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  }
});
