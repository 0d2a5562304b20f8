import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/platform/clock.js';
import { httpDriver } from '../../../src/platform/load/http/driver.js';
import { runLoad } from '../../../src/platform/load/run.js';
import { constantRate } from '../../../src/platform/load/schedule.js';
import { hasPackages } from '../../helpers/programs.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

/** With a certificate that nobody has signed. Closes each connection after three answers. */
async function httpsServer(): Promise<{ port: number; sockets: Set<Duplex> }> {
  const folder = temporaryFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', [...make, '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const sockets = new Set<Duplex>();
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
    response.end('x'.repeat(100_000)),
  );
  server.maxRequestsPerSocket = 3;
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

function load(url: string, verify: boolean) {
  const timeoutMs = 5000;
  const driver = httpDriver({
    url,
    method: 'GET',
    headers: [],
    body: undefined,
    userAgent: 'ds',
    clock: systemClock,
    timeoutMs,
    verify,
  });
  const signal = new AbortController().signal;
  const schedule = constantRate({ count: 60, perMs: 1000 });
  return runLoad({
    driver,
    clock: systemClock,
    signal,
    schedule,
    connections: 2,
    durationMs: 500,
    warmupMs: 0,
    timeoutMs,
  });
}

describe.skipIf(!hasPackages('openssl'))('https', () => {
  test('a certificate that nobody has signed is refused, before the run', async () => {
    const { port } = await httpsServer();
    await expect(load(`https://localhost:${port}/`, true)).rejects.toMatchObject({
      code: 'peer.unreachable',
      message: expect.stringMatching(/self-signed certificate/),
    });
  });

  test('and taken where the user says so; closed connections are opened again', async () => {
    const { port, sockets } = await httpsServer();
    let answered = 0;
    for (const host of ['localhost', '127.0.0.1']) {
      const result = await load(`https://${host}:${port}/`, false);
      expect(result).toMatchObject({ answered: result.sent, failed: 0 });
      expect(result.sent + result.unsent).toBe(30);
      answered += result.answered;
      expect(result.receivedBytes).toBeGreaterThan(result.answered * 100_000);
    }
    expect(sockets.size).toBeGreaterThanOrEqual(answered / 3);
  });

  test('plain HTTP on a TLS port, and the other way round, is no connection', async () => {
    const { port } = await httpsServer();
    const plain = await load(`http://127.0.0.1:${port}/`, true);
    expect(plain.answered).toBe(0);
    expect(plain.failed).toBe(plain.sent);
  });
});
