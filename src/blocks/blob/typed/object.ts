/** Headers, metadata, tags and conditions as flags have them (object-flags.ts). */
import { present } from '../../../platform/present.js';
import type { PutOptions, WriteConditions } from '../blob-store.js';
import { CHECKSUM_ALGORITHMS } from '../checksum/algorithms.js';
import { blobErrors } from '../errors.js';
import type { ChecksumAlgorithm, RangeRequest } from '../object-types.js';
import { type ContentHeader, contentHeadersBy } from '../rules/content-headers.js';

export interface ObjectFlags extends Readonly<Partial<Record<ContentHeader, string | undefined>>> {
  readonly metadata?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
}

export interface ConditionFlags {
  readonly 'if-match'?: readonly string[] | undefined;
  readonly 'if-none-match'?: readonly string[] | undefined;
}

/** Errors: `blob.invalid_argument` for what is not NAME=VALUE, or has a name twice. */
export function readObjectFlags(flags: ObjectFlags): Pick<PutOptions, 'headers' | 'metadata' | 'tags'> {
  const headers = contentHeadersBy((header) => flags[header]);
  const { metadata, tag } = flags;
  return present({
    headers: Object.keys(headers).length === 0 ? undefined : headers,
    metadata: metadata === undefined ? undefined : readPairs(metadata, '--metadata', (name) => name.toLowerCase()),
    tags: tag === undefined ? undefined : readPairs(tag, '--tag'),
  });
}

/** Undefined where there are none. ETags may stand in quotes, as servers send them. */
export function readConditionFlags(flags: ConditionFlags): WriteConditions | undefined {
  const conditions = present({ ifMatch: etags(flags['if-match']), ifNoneMatch: etags(flags['if-none-match']) });
  return Object.keys(conditions).length === 0 ? undefined : conditions;
}

const etags = (typed: readonly string[] | undefined) => typed?.map((etag) => etag.replace(/^"(.*)"$/, '$1'));

/**
 * `NAME=VALUE` each; a value may have `=` in it. `what` names them in errors: `blob.invalid_argument`.
 * The record has no prototype, so that a name may be any word.
 */
export function readPairs(
  typed: readonly string[],
  what: string,
  nameOf: (name: string) => string = (name) => name,
): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = Object.create(null);
  for (const text of typed) {
    const equals = text.indexOf('=');
    if (equals <= 0) throw invalid(what, text, 'not NAME=VALUE');
    const name = nameOf(text.slice(0, equals));
    if (name in pairs) throw invalid(what, text, `a second value of ${name}`);
    pairs[name] = text.slice(equals + 1);
  }
  return pairs;
}

function invalid(what: string, text: string, why: string) {
  return blobErrors.error('blob.invalid_argument', `${what} is ${JSON.stringify(text)}, ${why}`, {
    hint: `write ${what} name=value`,
  });
}

/** In any case. Error: `blob.invalid_argument`. */
export function readChecksumAlgorithm(typed: string): ChecksumAlgorithm {
  const found = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === typed.toUpperCase());
  if (found !== undefined) return found;
  const known = CHECKSUM_ALGORITHMS.join(', ');
  const isMd5 = /^md-?5$/i.test(typed);
  throw blobErrors.error(
    'blob.invalid_argument',
    `--checksum-algorithm is ${JSON.stringify(typed)}, none of ${known}`,
    {
      hint: isMd5
        ? 'an MD5 is stored without asking, as the ETag; another checksum: --checksum-algorithm SHA256'
        : 'write --checksum-algorithm SHA256',
    },
  );
}

/** `0-99`, `100-`, `-100` (the last hundred), with or without `bytes=`. Error: `blob.invalid_argument`. */
export function readRangeFlag(typed: string): RangeRequest {
  const [, first, last] = /^(?:bytes=)?(\d{0,15})-(\d{0,15})$/.exec(typed) ?? [];
  if (first !== undefined && last !== undefined && (first !== '' || last !== '')) {
    if (first === '') return { suffix: Number(last) };
    if (last === '') return { first: Number(first) };
    if (Number(first) <= Number(last)) return { first: Number(first), last: Number(last) };
  }
  throw blobErrors.error('blob.invalid_argument', `--range is ${JSON.stringify(typed)}, not a range of bytes`, {
    hint: 'write --range 0-99, 100- or -100',
  });
}
