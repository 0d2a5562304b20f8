/** Signature Version 4, written apart from the one that is measured and tested: for requests of which every byte is ours. */
import { createHash, createHmac } from 'node:crypto';

export interface SignedRequest {
  readonly method: string;
  /** Path as it goes over the wire, with every name encoded. */
  readonly path: string;
  /** Encoded, with names in order. */
  readonly query?: string;
  readonly host: string;
  /** In lower case; all are signed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hex, or `UNSIGNED-PAYLOAD`. */
  readonly payload: string;
}

export interface Keys {
  readonly id: string;
  readonly secret: string;
}

export const UNSIGNED = 'UNSIGNED-PAYLOAD';
export const EMPTY = sha256('');

const SCOPE = 'us-east-1/s3/aws4_request';

/** Head of an HTTP request with its signature, up to and with the empty line. */
export function signedHead(request: SignedRequest, keys: Keys): Buffer {
  const { method, path, query = '', host, headers = {}, payload } = request;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const all = { ...headers, host, 'x-amz-content-sha256': payload, 'x-amz-date': time };
  const lines = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = lines.map(([name]) => name).join(';');
  const canonical = [method, path, query, ...lines.map(([name, value]) => `${name}:${value}`), '', names, payload];
  const text = ['AWS4-HMAC-SHA256', time, `${day}/${SCOPE}`, sha256(canonical.join('\n'))].join('\n');
  const signature = hmac(signingKey(day, keys), text).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.id}/${day}/${SCOPE}, SignedHeaders=${names}, Signature=${signature}`;
  const target = query === '' ? path : `${path}?${query}`;
  const sent = [...lines.map(([name, value]) => `${name}: ${value}`), `authorization: ${authorization}`];
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${sent.join('\r\n')}\r\n\r\n`);
}

/** `day`: `20130524`. */
function signingKey(day: string, { secret }: Keys): Buffer {
  return [day, ...SCOPE.split('/')].reduce<Buffer>((last, word) => hmac(last, word), Buffer.from(`AWS4${secret}`));
}

/**
 * Signatures of what comes after a signed head, each over the one before: of a chunk by its bytes, of a trailer by its line.
 *
 *     const sign = chunkSigner(head, keys);
 *     sign('PAYLOAD', 'hello'); sign('PAYLOAD', ''); sign('TRAILER', 'x-amz-checksum-crc32:…\n');
 */
export function chunkSigner(head: Buffer, keys: Keys): (kind: 'PAYLOAD' | 'TRAILER', text: string) => string {
  const lines = head.toString('latin1');
  const [time = ''] = /\d{8}T\d{6}Z/.exec(lines) ?? [];
  let [, last = ''] = /Signature=(\w{64})/.exec(lines) ?? [];
  const key = signingKey(time.slice(0, 8), keys);
  return (kind, text) => {
    const what = kind === 'PAYLOAD' ? `${EMPTY}\n${sha256(text)}` : sha256(text);
    last = hmac(
      key,
      [`AWS4-HMAC-SHA256-${kind}`, time, `${time.slice(0, 8)}/${SCOPE}`, last, what].join('\n'),
    ).toString('hex');
    return last;
  };
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
