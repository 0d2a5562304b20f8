/** Keys of objects: text of 1 to 1,024 bytes of UTF-8. */
import { blobErrors } from '../errors.js';

/** Bytes. */
const LONGEST_KEY = 1024;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** False where a text has half a surrogate pair, which UTF-8 has not. */
export function isUnicode(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** Error: `blob.invalid_key`. */
export function checkKey(key: string): void {
  if (key === '') throw invalid('the key is empty');
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (key.length * 3 > LONGEST_KEY) {
    const bytes = Buffer.byteLength(key, 'utf8');
    if (bytes > LONGEST_KEY) throw invalid(`the key has ${bytes} bytes, and at most ${LONGEST_KEY} can be`);
  }
  if (!isUnicode(key)) throw invalid('the key is not UTF-8');
}

function invalid(message: string) {
  return blobErrors.error('blob.invalid_key', message);
}
