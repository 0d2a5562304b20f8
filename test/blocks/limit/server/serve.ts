/** A `ds limit serve` in this process, on free ports, with the policies given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { request } from 'undici';
import { onTestFinished } from 'vitest';
import { startLimitServer } from '../../../../src/blocks/limit/server.js';
import type { RawOptions, RunningDaemon } from '../../../../src/platform/daemon/block.js';
import { daemonContext } from '../../../helpers/daemon-context.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

export interface Served {
  readonly daemon: RunningDaemon;
  readonly redis: string;
  readonly http: string;
  readonly proxy: string;
  readonly metrics: Registry;
  readonly home: string;
}

export interface ServeOptions extends RawOptions {
  /** YAML, written to a file. */
  readonly policies?: string;
}

export async function serve({ policies, ...options }: ServeOptions = {}, home = temporaryFolder()): Promise<Served> {
  const metrics = new Registry();
  const policy = join(home, 'policies.yaml');
  if (policies !== undefined) writeFileSync(policy, policies);
  const daemon = await startLimitServer(
    {
      listen: '127.0.0.1:0',
      http: '127.0.0.1:0',
      proxyListen: '127.0.0.1:0',
      ...(policies !== undefined && { policy }),
      ...options,
    },
    daemonContext({ metrics, home }),
  );
  onTestFinished(() => daemon.stop(1_000));
  const urls = Object.fromEntries(daemon.endpoints.map(({ name, url }) => [name, url]));
  return {
    daemon,
    redis: urls['redis'] ?? '',
    http: urls['http'] ?? '',
    proxy: urls['proxy'] ?? '',
    metrics,
    home,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export type Sent = NonNullable<Parameters<typeof request>[1]>;

export async function ask(url: string, options: Sent = {}): Promise<Answer> {
  const { statusCode, headers, body } = await request(url, options);
  const text = await body.text();
  const isJson = text !== '' && /json/.test(String(headers['content-type']));
  return { status: statusCode, headers, text, json: isJson ? JSON.parse(text) : {} };
}

export const post = (url: string, body: unknown) =>
  ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
