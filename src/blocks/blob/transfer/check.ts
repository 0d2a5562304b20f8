/**
 * Whether what was received is what is stored. What an object can be compared by:
 *
 *     checksum of the whole    CRC32, CRC32C, CRC64NVME, SHA1, SHA256
 *     checksum of checksums    `…-N`: of N parts, whose sizes have to be known
 *     ETag                     MD5, or `…-N` of N parts; nothing where the server encrypts
 */
import { createHash } from 'node:crypto';
import { present } from '../../../platform/present.js';
import type { BlobStore } from '../blob-store.js';
import { readChecksumValue } from '../checksum/algorithms.js';
import { type Checksum, createChecksum } from '../checksum/checksum.js';
import { isCrc } from '../checksum/combine.js';
import { blobErrors } from '../errors.js';
import type { ChecksumAlgorithm, ObjectPlace, ObjectStat } from '../object-types.js';
import { lengthOfRange } from '../rules/range.js';

type Algorithm = ChecksumAlgorithm | 'MD5';

interface Expected {
  readonly algorithm: Algorithm;
  /** Base64, of MD5 hex; without `-N`. */
  readonly value: string;
  readonly parts: number | undefined;
}

/** What was compared: for people, and JSON. */
export interface Checked {
  readonly algorithm: Algorithm;
  readonly parts?: number;
}

/** Bytes of each part, or of all but the last. */
type PartSizes = { readonly each: number } | { readonly sizes: readonly number[] };

export interface CheckPlan {
  readonly expected: Expected;
  /** Absent of one that is of the whole. */
  readonly layout?: PartSizes;
}

/** Of more parts it is not asked how large each one is. */
const MOST_ASKED_PARTS = 1000;

/** Undefined: there is nothing that the object could be compared by. */
export async function planCheck(
  store: Pick<BlobStore, 'statObject'>,
  place: ObjectPlace,
  stat: ObjectStat,
): Promise<CheckPlan | undefined> {
  const expected = expectedOf(stat);
  if (expected?.parts === undefined) return expected && { expected };
  const layout = await partSizes(store, place, stat, expected.parts);
  return layout && { expected, layout };
}

/** A checksum that cannot be one is passed over, and the ETag taken: not all servers that know the header know what it means. */
function expectedOf({ checksum, etag, etagIsMd5 }: ObjectStat): Expected | undefined {
  const ofEtag = splitCount(etag);
  if (checksum !== undefined) {
    const { value, parts } = splitCount(checksum.value);
    const possible = readChecksumValue(checksum.algorithm, value) !== undefined;
    // Hashes of parts cannot be put together to one of the whole.
    if (possible && (parts !== undefined || ofEtag.parts === undefined || isCrc(checksum.algorithm))) {
      return { algorithm: checksum.algorithm, value, parts };
    }
  }
  const isMd5 = etagIsMd5 !== false && /^[0-9a-f]{32}$/.test(ofEtag.value);
  return isMd5 ? { algorithm: 'MD5', ...ofEtag } : undefined;
}

function splitCount(text: string): { readonly value: string; readonly parts: number | undefined } {
  const [, value, parts] = /^(.*)-(\d{1,5})$/s.exec(text) ?? [];
  return value === undefined ? { value: text, parts: undefined } : { value, parts: Number(parts) };
}

/** The first part tells how large all are, if they are of one size as all programs make them. Else each is asked for. */
async function partSizes(
  store: Pick<BlobStore, 'statObject'>,
  place: ObjectPlace,
  { size }: ObjectStat,
  parts: number,
): Promise<PartSizes | undefined> {
  const each = await partSize(store, place, 1);
  if (each === undefined) return undefined;
  if (Math.ceil(size / each) === parts) return { each };
  return parts > MOST_ASKED_PARTS ? undefined : askedSizes(store, place, size, parts);
}

/** Undefined where they are not those of the object. */
export async function askedSizes(
  store: Pick<BlobStore, 'statObject'>,
  place: ObjectPlace,
  size: number,
  parts: number,
): Promise<PartSizes | undefined> {
  const sizes: number[] = [];
  for (let number = 1; number <= parts; number += 1) {
    const part = await partSize(store, place, number);
    if (part === undefined) return undefined;
    sizes.push(part);
  }
  return sizes.reduce((sum, part) => sum + part, 0) === size ? { sizes } : undefined;
}

async function partSize(
  store: Pick<BlobStore, 'statObject'>,
  place: ObjectPlace,
  partNumber: number,
): Promise<number | undefined> {
  const { part } = (await store.statObject(place, { partNumber })).stat;
  return part === undefined ? undefined : lengthOfRange(part);
}

/** Takes the object's bytes in order. */
export class ObjectCheck {
  readonly #plan: CheckPlan;
  readonly #whole: Checksum;
  #part: Checksum;
  #partNumber = 1;
  #left: number;

  constructor(plan: CheckPlan) {
    this.#plan = plan;
    this.#whole = hasher(plan.expected.algorithm);
    this.#part = hasher(plan.expected.algorithm);
    this.#left = this.#sizeOfPart(1);
  }

  update(bytes: Uint8Array): void {
    if (this.#plan.layout === undefined) {
      this.#whole.update(bytes);
      return;
    }
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#left === 0) this.#endPart();
      const piece = rest.subarray(0, this.#left);
      this.#part.update(piece);
      this.#left -= piece.length;
      rest = rest.subarray(piece.length);
    }
  }

  /** At the end, and once. */
  isRight(): boolean {
    const { expected, layout } = this.#plan;
    if (layout !== undefined) this.#whole.update(this.#part.digest());
    return this.#whole.digest().toString(expected.algorithm === 'MD5' ? 'hex' : 'base64') === expected.value;
  }

  #endPart(): void {
    this.#whole.update(this.#part.digest());
    this.#part = hasher(this.#plan.expected.algorithm);
    this.#partNumber += 1;
    this.#left = this.#sizeOfPart(this.#partNumber);
  }

  #sizeOfPart(number: number): number {
    const { layout } = this.#plan;
    if (layout === undefined) return 0;
    // More bytes than the parts have are of the last one: then the checksum is wrong, as it should be.
    return 'each' in layout ? layout.each : (layout.sizes[number - 1] ?? Number.POSITIVE_INFINITY);
  }
}

function hasher(algorithm: Algorithm): Checksum {
  return algorithm === 'MD5' ? createHash('md5') : createChecksum(algorithm);
}

export function checkedBy({ expected: { algorithm, parts } }: CheckPlan): Checked {
  return { algorithm, ...present({ parts }) };
}

/** `what` was received, for the message. */
export function badDigest(what: string, { expected }: CheckPlan) {
  return blobErrors.error('blob.bad_digest', `${what} has another ${expected.algorithm} than its server says`, {
    hint: 'get it again; where that does not help, ds blob scrub tells what is damaged on the server',
    details: { algorithm: expected.algorithm, expected: expected.value },
  });
}
