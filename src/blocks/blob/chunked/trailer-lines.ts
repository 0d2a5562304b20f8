/** What comes after the last chunk: the checksum that x-amz-trailer announces, and nothing else. */
import type { DsError } from '../../../platform/errors.js';
import { blobErrors } from '../errors.js';
import { sameSignature } from '../sigv4/signature.js';
import type { SignatureChain } from './chain.js';

const SIGNATURE = 'x-amz-trailer-signature';

export interface TrailerOptions {
  /** In lower case; undefined: there is to be none. */
  readonly announced: string | undefined;
  readonly signed: boolean;
}

export class TrailerLines {
  readonly #options: TrailerOptions;
  #value: string | undefined;
  #signature: string | undefined;

  constructor(options: TrailerOptions) {
    this.#options = options;
  }

  get value(): string | undefined {
    return this.#value;
  }

  /**
   * A line without its end. AWS's documentation and minio-go end a trailer that is signed with a line feed, as it stands in what is
   * signed, and with CRLF after it.
   */
  add(line: string): void {
    const text = this.#options.signed && line.endsWith('\n') ? line.slice(0, -1) : line;
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(0, colon)).trim().toLowerCase();
    const value = text.slice(colon + 1).trim();
    if (this.#signature !== undefined) throw refuse('there is a trailer after its signature');
    if (name === SIGNATURE && this.#options.signed) this.#signature = value;
    else if (name !== this.#options.announced)
      throw refuse(`${JSON.stringify(text)} was not announced in x-amz-trailer`);
    else if (this.#value !== undefined) throw refuse(`${name} comes twice`);
    else this.#value = value;
  }

  /** `chain`: to check the signature with; undefined: nobody asks. */
  end(chain: SignatureChain | undefined): void {
    const { announced, signed } = this.#options;
    if (announced !== undefined && this.#value === undefined)
      throw refuse(`${announced} was announced and did not come`);
    if (!signed || chain === undefined) return;
    const text = announced === undefined ? '' : `${announced}:${this.#value}\n`;
    if (sameSignature(chain.signTrailers(text), this.#signature ?? '')) return;
    throw blobErrors.error(
      'blob.signature_does_not_match',
      'the signature of the trailers of the body is wrong or missing',
    );
  }
}

function refuse(why: string): DsError {
  return blobErrors.error('blob.invalid_request', `the trailers of the body are wrong: ${why}`);
}
