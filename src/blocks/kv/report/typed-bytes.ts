/** What somebody typed as the bytes of its UTF-8. */
import { type ByteString, byteStringOfText } from '../bytes.js';
import { kvErrors } from '../errors.js';

/** What Node puts in the place of bytes on the command line that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** Error: `kv.not_utf8`, where another key or value than the one that was typed would be meant. */
export function typedBytes(text: string): ByteString {
  if (text.includes(REPLACEMENT)) {
    throw kvErrors.error('kv.not_utf8', `${JSON.stringify(text)} is not UTF-8, which an argument has to be`, {
      hint: 'a value of any bytes comes from stdin: ds kv put KEY -; keys of any bytes: ds kv shell, "\\xff"',
    });
  }
  return byteStringOfText(text);
}
