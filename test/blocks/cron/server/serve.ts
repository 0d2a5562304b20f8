/** A `ds cron serve` in this process, on a free port and a real file. */
import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { startCronServer } from '../../../../src/blocks/cron/server.js';
import { tokenPath } from '../../../../src/blocks/cron/token.js';
import type { RawOptions } from '../../../../src/platform/daemon/block.js';
import { messageOf } from '../../../../src/platform/errors.js';
import { daemonContext } from '../../../helpers/daemon-context.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { type Answer, ask } from '../../limit/server/serve.js';

type Json = Readonly<Record<string, unknown>>;

export interface Served {
  readonly http: string;
  readonly token: string;
  readonly home: string;
  readonly metrics: Registry;
  /** Why it is not ready; empty when it is. */
  problem(): Promise<string>;
  /** Waits so long for what runs, milliseconds; then says what was cut off. */
  stop(graceMs: number): Promise<string | undefined>;
  /** With the token; a body is sent as JSON. */
  api(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
  /** Makes a job of this name that the rest describes. */
  add(name: string, job: Json): Promise<void>;
  /** The runs of a job, the oldest first. */
  runs(job: string): Promise<readonly Json[]>;
  /** Waits for the first run of the job that is in this state. */
  runIn(job: string, state: string): Promise<Json & { readonly id: number }>;
}

/** The lease is short: what is cancelled is heard of within a third of it. */
export async function serve(options: RawOptions = {}, home = temporaryFolder()): Promise<Served> {
  const metrics = new Registry();
  const daemon = await startCronServer(
    { listen: '127.0.0.1:0', lease: '3s', ...options },
    daemonContext({ metrics, home, environment: { PATH: process.env['PATH'] } }),
  );
  let isStopped = false;
  const stop = async (graceMs: number) => {
    isStopped = true;
    await daemon.stop(graceMs);
    return daemon.cutOff?.();
  };
  onTestFinished(async () => {
    if (!isStopped) await daemon.stop(0);
  });
  const http = daemon.endpoints[0]?.url ?? '';
  const token = readFileSync(tokenPath(home), 'utf8').trim();
  const api: Served['api'] = (method, path, body) =>
    ask(`${http}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const runs: Served['runs'] = async (job) => {
    const { json } = await api('GET', `/v1/runs?job=${encodeURIComponent(job)}`);
    return listOf(json['runs']).toReversed();
  };
  return {
    ...{ http, token, home, metrics, api, runs, stop },
    problem: () => daemon.checkReady().then(() => '', messageOf),
    async add(name, job) {
      const { status, text } = await api('POST', '/v1/jobs', { name, ...job });
      if (status !== 201) throw new Error(text);
    },
    async runIn(job, state) {
      const what = `${job} ${state}`;
      const found = await waitFor(async () => (await runs(job)).find((run) => run['state'] === state), {
        ...{ what, timeoutMs: 10_000, intervalMs: 20 },
      });
      return { ...found, id: Number(found['id']) };
    },
  };
}

export function listOf(value: unknown): readonly Json[] {
  if (!Array.isArray(value)) throw new Error(`${JSON.stringify(value)} is no list`);
  return value;
}

/** What a run wrote, as text. */
export async function outputOf({ api }: Pick<Served, 'api'>, run: number): Promise<string> {
  const { json } = await api('GET', `/v1/runs/${run}/output`);
  return listOf(json['chunks'])
    .map(({ base64 }) => Buffer.from(String(base64), 'base64').toString())
    .join('');
}
