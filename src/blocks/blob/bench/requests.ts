/**
 * Signed requests as the bytes that go out, each made when it is sent: the signature holds for 15 minutes, a load may last for a week. The body
 * is no part of it, as SDKs have it over TLS.
 */
import type { Clock } from '../../../platform/clock.js';
import { objectAddress } from '../endpoint/object-address.js';
import type { S3Endpoint } from '../endpoint/s3-url.js';
import type { S3Keys } from '../remote/index.js';
import { UNSIGNED_PAYLOAD } from '../sigv4/payload.js';
import { signRequest } from '../sigv4/sign.js';
import type { BenchBodies } from './bodies.js';

export interface RequestsOptions {
  readonly endpoint: S3Endpoint;
  readonly region: string;
  /** Undefined: nothing is signed. */
  readonly keys: S3Keys | undefined;
  readonly bucket: string;
  /** Different objects, each in turn. */
  readonly objects: number;
  readonly userAgent: string;
  readonly clock: Clock;
}

/** `ds-bench/0000000041`. */
export function benchKey(index: number): string {
  return `ds-bench/${String(index).padStart(10, '0')}`;
}

export class BenchRequests {
  readonly #options: RequestsOptions;
  #next = 0;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  put(bodies: BenchBodies): Buffer {
    const body = bodies.next();
    const head = this.#head('PUT', { 'content-length': String(body.length) });
    return Buffer.concat([head, body]);
  }

  get(): Buffer {
    return this.#head('GET', {});
  }

  #head(method: string, more: Readonly<Record<string, string>>): Buffer {
    const { endpoint, bucket, objects, userAgent } = this.#options;
    const key = benchKey(this.#next);
    this.#next = (this.#next + 1) % objects;
    const { host, path } = objectAddress(endpoint, { bucket, key });
    const headers = { ...this.#signed(method, host, path), host, 'user-agent': userAgent, ...more };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  }

  #signed(method: string, host: string, path: string): Readonly<Record<string, string>> {
    const { keys, region, clock } = this.#options;
    if (keys === undefined) return {};
    const { accessKeyId, secretAccessKey, sessionToken } = keys;
    const own: Record<string, string> = sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken };
    const head = { method, path, query: '', headers: new Map(Object.entries({ host, ...own })) };
    const signer = { accessKeyId, secret: secretAccessKey, region, nowMs: clock.now() };
    return { ...own, ...signRequest(head, UNSIGNED_PAYLOAD, signer).headers };
  }
}
