/** nginx in front of a page, asking `ds limit serve` by auth_request, as the README of the block tells people to. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { freePort } from '../helpers/redis-server.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';
import { ended, startLimiter, statusFor } from './limit-front.js';

/**
 * Started by root, nginx would serve as somebody who cannot read the test's folder.
 *
 * auth_request passes 401 and 403 only, so the refusal becomes 429 in error_page.
 */
const configuration = (folder: string, port: number, limiter: string) => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
error_log ${folder}/error.log;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream limiter { server ${limiter}; keepalive 8; }
  server {
    listen 127.0.0.1:${port};
    root ${folder}/html;
    location / {
      auth_request /_limit;
      auth_request_set $retry_after $upstream_http_retry_after;
      auth_request_set $limit $upstream_http_ratelimit;
      auth_request_set $limit_policy $upstream_http_ratelimit_policy;
      add_header RateLimit $limit always;
      add_header RateLimit-Policy $limit_policy always;
      error_page 403 = @limited;
    }
    location @limited {
      add_header Retry-After $retry_after always;
      add_header RateLimit $limit always;
      return 429;
    }
    location = /_limit {
      internal;
      proxy_pass http://limiter/auth?status=403;
      proxy_pass_request_body off;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_set_header Host localhost;
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-Host $host;
      proxy_set_header X-Forwarded-Uri "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`;

async function startNginx(limiter: string): Promise<string> {
  const folder = temporaryFolder();
  const port = await freePort();
  mkdirSync(join(folder, 'html', 'pages'), { recursive: true });
  writeFileSync(join(folder, 'html', 'pages', 'a.txt'), 'the page');
  writeFileSync(join(folder, 'html', 'free.txt'), 'free');
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, limiter));
  const child = spawn('nginx', ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  });
  onTestFinished(() => ended(child));
  const url = `http://127.0.0.1:${port}`;
  // It asks the limiter for this page, too, which no policy is for.
  await waitFor(async () => child.exitCode !== null || (await fetch(`${url}/free.txt`)).ok, { what: 'nginx' });
  if (child.exitCode !== null) throw new Error(readFileSync(join(folder, 'error.log'), 'utf8'));
  return url;
}

test.skipIf(!hasPackages('nginx'))('nginx lets n requests pass, then answers 429 with Retry-After', async () => {
  const nginx = await startNginx(await startLimiter());
  for (const remaining of [2, 1, 0]) {
    const page = await fetch(`${nginx}/pages/a.txt?x=${remaining}`);
    expect({ status: page.status, body: await page.text() }).toEqual({ status: 200, body: 'the page' });
    expect(page.headers.get('ratelimit')).toMatch(new RegExp(`^"pages/burst";r=${remaining};t=\\d+$`));
    expect(page.headers.get('ratelimit-policy')).toBe('"pages/burst";q=3;w=60');
  }
  const refused = await fetch(`${nginx}/pages/a.txt`);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(15);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(20);
  // What no policy is for passes all the same, and so does another method.
  expect((await fetch(`${nginx}/free.txt`)).status).toBe(200);
  expect((await fetch(`${nginx}/pages/a.txt`, { method: 'HEAD' })).status).toBe(200);
});

const LIES: readonly Record<string, string>[] = [
  { 'x-forwarded-for': '203.0.113.1' },
  { 'x-forwarded-for': '203.0.113.2, 127.0.0.1', forwarded: 'for=203.0.113.2', 'x-real-ip': '203.0.113.2' },
  { 'x-original-uri': '/free.txt', 'x-original-method': 'POST', 'x-original-host': 'elsewhere' },
  { 'x-forwarded-uri': '/free.txt', 'x-forwarded-method': 'POST', 'x-forwarded-host': 'elsewhere' },
];

test.skipIf(!hasPackages('nginx'))('what a client says of itself does nothing', async () => {
  const nginx = await startNginx(await startLimiter(['--trusted-proxies', '127.0.0.1']));
  const statuses: (number | undefined)[] = [];
  for (const lie of LIES) statuses.push(await statusFor(`${nginx}/pages/a.txt`, '127.0.0.2', lie));
  expect(statuses).toEqual([200, 200, 200, 429]);
  for (const lie of LIES) expect(await statusFor(`${nginx}/pages/%61.txt`, '127.0.0.2', lie)).toBe(429);
  expect(await statusFor(`${nginx}/pages/a.txt`, '127.0.0.3', {})).toBe(200);
});

test.skipIf(!hasPackages('nginx'))('a proxy that is not trusted says nothing for others', async () => {
  const all = 'policies: [{name: all, key: [client, path], limits: [{rate: 3/min}]}]';
  const nginx = await startNginx(await startLimiter(['--trusted-proxies', '10.0.0.0/8'], all));
  const statuses: (number | undefined)[] = [];
  // One of the three is gone: startNginx() has asked for a page.
  for (const lie of LIES) statuses.push(await statusFor(`${nginx}/pages/a.txt`, '127.0.0.2', lie));
  expect(statuses).toEqual([200, 200, 429, 429]);
});
