/** Sets of tags: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html. */

import { blobErrors } from '../errors.js';
import type { Tags } from '../object-types.js';

const MOST_OBJECT_TAGS = 10;
export const MOST_BUCKET_TAGS = 50;
/** Characters. */
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
/** Of tags that only the provider of a service sets. */
const RESERVED_START = 'aws:';

/** Error: `blob.invalid_tag`. */
export function checkTags(tags: Tags, most: number = MOST_OBJECT_TAGS): void {
  const entries = Object.entries(tags);
  if (entries.length > most) throw invalid(`there are ${entries.length} tags, and at most ${most} can be`);
  for (const [key, value] of entries) {
    const name = JSON.stringify(key.slice(0, LONGEST_KEY));
    if (key === '') throw invalid('the key of a tag is empty');
    if (lengthOf(key) > LONGEST_KEY) throw invalid(`the key of tag ${name} has more than ${LONGEST_KEY} characters`);
    if (lengthOf(value) > LONGEST_VALUE)
      throw invalid(`the value of tag ${name} has more than ${LONGEST_VALUE} characters`);
    if (key.startsWith(RESERVED_START)) throw invalid(`tag ${name} starts with ${RESERVED_START}, which is reserved`);
    if (!ALLOWED.test(key) || !ALLOWED.test(value))
      throw invalid(`tag ${name} has other characters than letters, digits, spaces and _ . : / = + - @`);
  }
}

const lengthOf = (text: string) => Array.from(text).length;

function invalid(message: string) {
  return blobErrors.error('blob.invalid_tag', message);
}
