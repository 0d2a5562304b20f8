/** What web pages of other origins may, by the CORS rules of a bucket. */
import type { BlobStore } from '../blob-store.js';
import { type CorsQuestion, type CorsRule, corsAnswer, readCorsXml } from '../wire/cors-xml.js';
import type { Headers } from '../wire/http-values.js';
import { s3Error } from '../wire/s3-errors.js';
import type { Answer, HeaderField } from './call.js';

/** Configurations that are kept as read. */
const MOST_KEPT = 100;
/** Header names of a preflight: each is looked for in all rules. */
const MOST_REQUESTED = 100;

export class Cors {
  readonly #store: BlobStore;
  readonly #kept = new Map<string, readonly CorsRule[]>();

  constructor(store: BlobStore) {
    this.#store = store;
  }

  /** The answer to a preflight (OPTIONS), which nobody signs. Error: `blob.access_denied`. */
  async preflight(bucket: string | undefined, headers: Headers): Promise<Answer> {
    const origin = headers.get('origin');
    const method = headers.get('access-control-request-method');
    if (origin === undefined || method === undefined) {
      throw s3Error(
        'blob.invalid_request',
        'BadRequest',
        'OPTIONS is for CORS: Origin and Access-Control-Request-Method are needed',
      );
    }
    const asked = requested(headers);
    const fields =
      asked.length > MOST_REQUESTED ? undefined : await this.#ask(bucket, { origin, method, headers: asked });
    if (fields !== undefined) return { status: 200, headers: fields };
    throw s3Error('blob.access_denied', 'AccessForbidden', 'this CORS request is not allowed');
  }

  /** Headers of an answer to a page; undefined: no rule allows it, and browsers keep the answer from the page. */
  async headersFor(
    bucket: string | undefined,
    headers: Headers,
    method: string,
  ): Promise<readonly HeaderField[] | undefined> {
    const origin = headers.get('origin');
    return origin === undefined ? undefined : this.#ask(bucket, { origin, method, headers: [] });
  }

  async #ask(bucket: string | undefined, question: CorsQuestion): Promise<readonly HeaderField[] | undefined> {
    if (bucket === undefined) return undefined;
    // A bucket that is not there, or has no rules, allows nothing.
    const xml = await this.#store.getDocument(bucket, 'cors').catch(() => undefined);
    return xml === undefined ? undefined : corsAnswer(this.#rules(xml), question);
  }

  #rules(xml: string): readonly CorsRule[] {
    const known = this.#kept.get(xml);
    if (known !== undefined) return known;
    const rules = readCorsXml(Buffer.from(xml));
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(xml, rules);
    return rules;
  }
}

function requested(headers: Headers): readonly string[] {
  return (headers.get('access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}
