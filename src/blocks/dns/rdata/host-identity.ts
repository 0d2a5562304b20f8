/**
 * HIP (RFC 8005, section 5):
 *
 *     HIT length 1 │ algorithm 1 │ key length 2 │ HIT │ public key │ rendezvous servers …
 */
import { readUint16 } from '../wire/octets.js';
import { badRecord, type Field, malformed, need } from './field.js';
import { parseNumber } from './numbers.js';
import { encoded, parseBase64, parseHex } from './octet-text.js';

export const hostIdentity: Field = {
  end(bytes, offset, end) {
    const head = need(offset, 4, end, 'host identity');
    const tagLength = bytes[offset] ?? 0;
    const keyLength = readUint16(bytes, offset + 2);
    if (tagLength === 0 || keyLength === 0) throw malformed('a host identity is empty');
    return need(head, tagLength + keyLength, end, 'host identity');
  },
  print(bytes, offset, end) {
    const keyAt = offset + 4 + (bytes[offset] ?? 0);
    const tag = encoded(bytes, offset + 4, keyAt, 'hex').toUpperCase();
    return `${bytes[offset + 1]} ${tag} ${encoded(bytes, keyAt, end, 'base64')}`;
  },
  parse(words, out) {
    const algorithm = parseNumber(words.next('algorithm').text, 255, 'algorithm');
    const tag = parseHex(words.next('host identity tag').text, 'host identity tag');
    const key = parseBase64(words.next('public key').text, 'public key');
    if (tag.length === 0 || tag.length > 255 || key.length === 0 || key.length > 0xffff)
      throw badRecord('a host identity is empty or too long');
    out.uint8(tag.length);
    out.uint8(algorithm);
    out.uint16(key.length);
    out.octets(tag);
    out.octets(key);
  },
};
