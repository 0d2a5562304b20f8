/** A `ds blob serve` in this process, on a free port and a real file; and clients that sign by hand. */
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import {
  type Credential,
  credentialsPath,
  parseCredentials,
} from '../../../../src/blocks/blob/endpoint/credentials.js';
import { startBlobServer } from '../../../../src/blocks/blob/server.js';
import { requestHead } from '../../../../src/blocks/blob/sigv4/head.js';
import { signRequest } from '../../../../src/blocks/blob/sigv4/sign.js';
import { sha256Hex } from '../../../../src/blocks/blob/sigv4/signature.js';
import { type Clock, systemClock } from '../../../../src/platform/clock.js';
import type { RawOptions, RunningDaemon } from '../../../../src/platform/daemon/block.js';
import { exchange } from '../../../helpers/blob-client.js';
import { daemonContext } from '../../../helpers/daemon-context.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** What x-amz-content-sha256 says; the SHA-256 of the body unless told. */
  readonly payload?: string;
  /** Added after the signature. */
  readonly unsigned?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
}

export interface Served {
  readonly daemon: RunningDaemon;
  readonly url: string;
  readonly port: number;
  readonly home: string;
  readonly user: Credential;
  readonly metrics: Registry;
  /** A signed request; the target is a path with its query, as on the wire. */
  ask(method: string, target: string, sent?: Sent): Promise<Answer>;
  /** The same, unsigned. */
  askPlain(method: string, target: string, sent?: Sent): Promise<Answer>;
  /** Bytes as they are, and the connection that they went on; it is destroyed when the test ends. */
  raw(text: string): Socket;
}

const NOBODY: Credential = { profile: 'nobody', accessKeyId: 'nobody', secretAccessKey: 'nothing' };

export async function serve(options: RawOptions = {}, clock: Clock = systemClock): Promise<Served> {
  const home = temporaryFolder();
  const metrics = new Registry();
  const daemon = await startBlobServer({ listen: '127.0.0.1:0', ...options }, daemonContext({ clock, metrics, home }));
  onTestFinished(() => daemon.stop(1_000));
  const url = daemon.endpoints[0]?.url ?? '';
  const port = Number(new URL(url).port);
  const path = credentialsPath(home);
  const user = (existsSync(path) ? parseCredentials(readFileSync(path, 'utf8'), path)[0] : undefined) ?? NOBODY;
  const askPlain: Served['askPlain'] = (method, target, sent = {}) => askOnce(port, method, target, sent);
  return {
    ...{ daemon, url, port, home, user, metrics, askPlain },
    ask: (method, target, sent = {}) =>
      askPlain(method, target, { ...sent, headers: signed(port, user, method, target, sent) }),
    raw(text) {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => {});
      onTestFinished(() => void socket.destroy());
      return socket;
    },
  };
}

/** Headers to send, the signature included. */
export function signed(
  port: number,
  { accessKeyId, secretAccessKey }: Credential,
  method: string,
  target: string,
  { headers = {}, body = '', payload = sha256Hex(body.toString('latin1')), unsigned = {} }: Sent,
): Record<string, string> {
  const sent = { host: `127.0.0.1:${port}`, ...headers };
  const signer = { accessKeyId, secret: secretAccessKey, region: 'us-east-1', nowMs: Date.now() };
  const request = signRequest(requestHead(method, target, Object.entries(sent).flat()), payload, signer);
  return { ...sent, ...request.headers, ...unsigned };
}

async function askOnce(port: number, method: string, path: string, { headers = {}, body }: Sent): Promise<Answer> {
  const answer = await exchange({ host: '127.0.0.1', port, method, path, headers, agent: false }, body);
  const { body: bytes, ...head } = answer;
  return { ...head, bytes, text: bytes.toString() };
}

/** S3's code in an error's document. */
export function codeOf({ text }: Pick<Answer, 'text'>): string {
  return /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? text;
}

/** All that a connection brings until it ends. */
export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
    });
    socket.on('close', () => resolve(text));
  });
}
