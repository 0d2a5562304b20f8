/** Requests to a `ds blob serve` as bytes; those of a client, which signs nothing, over connections that are kept. */
import { Agent, request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { onTestFinished } from 'vitest';

export interface BlobAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface BlobRequest {
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole request is with the kernel. */
  readonly onSent?: () => void;
}

export type BlobClient = (method: string, target: string, request?: BlobRequest) => Promise<BlobAnswer>;

/** Rejects where the connection ends before the answer does. Its connections end with the test. */
export function blobClient(url: string): BlobClient {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  return (method, target, { body = '', headers = {}, onSent } = {}) => {
    const { hostname: host, port } = new URL(url);
    return exchange({ host, port, method, path: target, agent, headers }, body, onSent);
  };
}

/** One request and its whole answer. Rejects where the connection ends before that. */
export function exchange(
  options: RequestOptions & { readonly headers: Readonly<Record<string, string>> },
  body?: Uint8Array | string,
  onSent?: () => void,
): Promise<BlobAnswer> {
  // As bytes: Node would send the head in UTF-8 with a text.
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length: Record<string, string> = bytes === undefined ? {} : { 'content-length': String(bytes.length) };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...options, headers: { ...length, ...options.headers } });
    request.on('error', reject);
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }),
      );
    });
    if (onSent !== undefined) request.once('finish', onSent);
    request.end(bytes);
  });
}

/** Contents of all elements of this name, as they are written. */
export function elements({ body }: BlobAnswer, name: string): string[] {
  return Array.from(body.toString().matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g')), ([, text = '']) => text);
}

export function completeDocument(etags: ReadonlyMap<number, string>): string {
  const parts = [...etags].sort(([a], [b]) => a - b);
  const list = parts.map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`);
  return `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`;
}
