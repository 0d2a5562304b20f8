/** A `ds log serve` in this process, on a free port and a real file, and a client without manners. */
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { startLogServer } from '../../../../src/blocks/log/server.js';
import { type Clock, systemClock } from '../../../../src/platform/clock.js';
import type { RawOptions, RunningDaemon } from '../../../../src/platform/daemon/block.js';
import { daemonContext } from '../../../helpers/daemon-context.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Served {
  readonly daemon: RunningDaemon;
  readonly url: string;
  readonly port: number;
  readonly metrics: Registry;
  /** GET, or POST where there is a body; the target is a path with its query. */
  ask(target: string, sent?: Sent): Promise<Answer>;
  json(target: string, sent?: Sent): Promise<unknown>;
  /** A push in Loki's JSON. */
  push(streams: readonly unknown[], headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Bytes as they are, and the connection that they went on; it is destroyed when the test ends. */
  raw(text: string): Socket;
}

export async function serve(options: RawOptions = {}, clock: Clock = systemClock): Promise<Served> {
  const metrics = new Registry();
  const daemon = await startLogServer(
    { listen: '127.0.0.1:0', ...options },
    daemonContext({ clock, metrics, home: temporaryFolder() }),
  );
  onTestFinished(() => daemon.stop(1_000));
  const url = daemon.endpoints[0]?.url ?? '';
  const port = Number(new URL(url).port);
  const ask = (target: string, sent: Sent = {}) => askOnce(port, target, sent);
  return {
    daemon,
    url,
    port,
    metrics,
    ask,
    json: async (target, sent) => JSON.parse((await ask(target, sent)).text),
    push: (streams, headers = {}) =>
      ask('/loki/api/v1/push', { ...jsonBody({ streams }), headers: { ...JSON_TYPE, ...headers } }),
    raw(text) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      onTestFinished(() => void socket.destroy());
      socket.write(text);
      return socket;
    },
  };
}

export const JSON_TYPE = { 'content-type': 'application/json' } as const;

export const jsonBody = (value: unknown) => ({ headers: JSON_TYPE, body: JSON.stringify(value) });

function askOnce(port: number, path: string, { method, headers = {}, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const usual = method ?? (body === undefined ? 'GET' : 'POST');
    const request = httpRequest({ port, host: '127.0.0.1', path, method: usual, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}
