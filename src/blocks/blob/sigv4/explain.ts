/**
 * Why a signature was refused: where the client's canonical request differs from the one that the server computed. With the client's own
 * text, from its debug log, it is compared line by line. Without it, what clients get wrong is tried until one gives the client's signature.
 */
import { blobErrors } from '../errors.js';
import { compareLines, type LineMark } from './compare-lines.js';
import type { SignatureEvidence } from './evidence.js';
import { ALGORITHM, deriveKey, sameSignature, signText, stringToSign } from './signature.js';
import { variantsOf } from './variants.js';

export interface ExplainOptions {
  /** The client's canonical request, or its string to sign. */
  readonly theirs?: string;
  /** Of the access key in the evidence; without it nothing can be tried. */
  readonly secret?: string;
}

interface ExplainedLine {
  /** `both`, or whose line it is. */
  readonly mark: LineMark;
  /** Text that is valid Unicode; escape it for a terminal. */
  readonly text: string;
}

export interface Explanation {
  /**
   * - `differs`: the client's text is another one
   * - `found`: one of the usual variants gives the client's signature
   * - `secret`: the texts are the same, or no variant gives the signature: the secret differs, or what is not known here
   * - `right`: the signature is right with today's secret
   * - `untried`: there is nothing to compare with, or the signature was not what was wrong
   */
  readonly verdict: 'differs' | 'found' | 'secret' | 'right' | 'untried';
  /** A sentence in lower case, without a full stop. */
  readonly message: string;
  /** The server's canonical request, with what the client has in place of its lines. */
  readonly lines: readonly ExplainedLine[];
}

const LONGEST_TEXT = 64 * 1024;

/** `blob.invalid_argument` where the client's text is longer than any request. */
export function explainRefusal(evidence: SignatureEvidence, { theirs, secret }: ExplainOptions = {}): Explanation {
  if (theirs !== undefined) return compareWith(evidence, theirs);
  const { wrongSignature } = evidence;
  const lines = marked(evidence.canonicalRequest, evidence.canonicalRequest);
  if (wrongSignature === undefined) {
    return { verdict: 'untried', message: 'the signature is not why: another one would have been refused, too', lines };
  }
  if (secret === undefined) {
    return { verdict: 'untried', message: 'without the secret of the access key nothing can be tried', lines };
  }
  return tryVariants(evidence, wrongSignature, secret);
}

function compareWith(evidence: SignatureEvidence, text: string): Explanation {
  if (text.length > LONGEST_TEXT) {
    throw blobErrors.error('blob.invalid_argument', `a canonical request of ${text.length} characters is none`);
  }
  const theirs = Buffer.from(text.replaceAll('\r\n', '\n').replace(/\n$/, '')).toString('latin1');
  const isStringToSign = theirs.startsWith(`${ALGORITHM}\n`);
  const ours = isStringToSign ? evidence.stringToSign : evidence.canonicalRequest;
  const what = isStringToSign ? 'strings to sign' : 'canonical requests';
  const lines = marked(ours, theirs);
  if (ours === theirs) {
    return { verdict: 'secret', message: `the ${what} are the same: the secret or the way to the key differs`, lines };
  }
  return { verdict: 'differs', message: `the ${what} differ`, lines };
}

function tryVariants(evidence: SignatureEvidence, wrong: string, secret: string): Explanation {
  const { canonicalRequest: ours, dateTime, scope } = evidence;
  const gives = (canonical: string, keySecret = secret, keyScope = scope) =>
    sameSignature(signText(deriveKey(keySecret, keyScope), stringToSign(dateTime, scope, canonical)), wrong);
  if (gives(ours)) {
    const message = 'the signature is right with the secret of today, which was another one when the request came';
    return { verdict: 'right', message, lines: marked(ours, ours) };
  }
  for (const variant of variantsOf(evidence, secret)) {
    if (!gives(variant.canonicalRequest, variant.secret, variant.scope)) continue;
    const message = `the client signed with ${variant.what}`;
    return { verdict: 'found', message, lines: marked(ours, variant.canonicalRequest) };
  }
  const message =
    'none of the usual variants gives the signature of the client: its secret is another one, or a header was changed on the way';
  return { verdict: 'secret', message, lines: marked(ours, ours) };
}

function marked(ours: string, theirs: string): readonly ExplainedLine[] {
  return compareLines(ours.split('\n'), theirs.split('\n')).map(({ mark, text }) => ({ mark, text: readable(text) }));
}

/** Byte strings are UTF-8, mostly. */
function readable(text: string): string {
  return Buffer.from(text, 'latin1').toString();
}
