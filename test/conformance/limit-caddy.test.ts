/** Caddy in front of a page, asking `ds limit serve` by forward_auth, as the README of the block tells people to. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { freePort } from '../helpers/redis-server.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';
import { ended, startLimiter, statusFor } from './limit-front.js';

const README = readFileSync(new URL('../../src/blocks/limit/README.md', import.meta.url), 'utf8');

/** The README's own recipe, with this test's addresses in it, and a page in place of the application. */
function configuration(port: number, limiter: string): string {
  const recipe = /```caddyfile\n(.*?)```/s.exec(README)?.[1] ?? '';
  const site = recipe
    .replace('example.com', `http://127.0.0.1:${port}`)
    .replace('127.0.0.1:8391', limiter)
    .replace('reverse_proxy 127.0.0.1:3000', 'respond "the page"');
  return `{\n  admin off\n  auto_https off\n}\n${site}`;
}

async function startCaddy(limiter: string): Promise<string> {
  const folder = temporaryFolder();
  const port = await freePort();
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, configuration(port, limiter));
  const child = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
    env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  onTestFinished(() => ended(child));
  const url = `http://127.0.0.1:${port}`;
  // It asks the limiter for this page, too, which no policy is for.
  await waitFor(async () => child.exitCode !== null || (await fetch(`${url}/free.txt`)).ok, { what: 'caddy' });
  if (child.exitCode !== null) throw new Error(said);
  return url;
}

test.skipIf(!hasPackages('caddy'))('Caddy lets n requests pass, then hands on the 429 with its fields', async () => {
  const caddy = await startCaddy(await startLimiter());
  // Caddy leaves the client's query behind /auth, whatever is in it.
  for (const query of ['', '?x=1', '?status=403']) {
    const page = await fetch(`${caddy}/pages/a.txt${query}`);
    expect({ status: page.status, body: await page.text() }).toEqual({ status: 200, body: 'the page' });
  }
  for (const query of ['', '?x=1', '?status=403']) {
    const refused = await fetch(`${caddy}/pages/a.txt${query}`);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(refused.headers.get('ratelimit')).toMatch(/^"pages\/burst";r=0;t=\d+$/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(15);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(20);
  }
  // What no policy is for passes all the same, and so does another method.
  expect((await fetch(`${caddy}/free.txt`)).status).toBe(200);
  expect((await fetch(`${caddy}/pages/a.txt`, { method: 'HEAD' })).status).toBe(200);
});

const LIES: readonly Record<string, string>[] = [
  { 'x-forwarded-for': '203.0.113.1' },
  { 'x-forwarded-for': '203.0.113.2, 127.0.0.1', forwarded: 'for=203.0.113.2', 'x-real-ip': '203.0.113.2' },
  { 'x-original-uri': '/free.txt', 'x-original-method': 'POST', 'x-original-host': 'elsewhere' },
  { 'x-original-url': 'http://elsewhere/free.txt' },
  { 'x-forwarded-uri': '/free.txt', 'x-forwarded-method': 'POST', 'x-forwarded-host': 'elsewhere' },
];

test.skipIf(!hasPackages('caddy'))('what a client says of itself to Caddy does nothing', async () => {
  const caddy = await startCaddy(await startLimiter());
  const statuses: (number | undefined)[] = [];
  for (const lie of LIES) statuses.push(await statusFor(`${caddy}/pages/a.txt?q=1`, '127.0.0.2', lie));
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect(await statusFor(`${caddy}/pages/a.txt`, '127.0.0.3', {})).toBe(200);
});
