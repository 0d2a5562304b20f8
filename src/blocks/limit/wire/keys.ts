/**
 * Keys and scopes as arguments: their bytes, whatever they are. The digest form of a long key, which `top` tells and a
 * client then asks about, is sent as its 520 bytes; they begin as no UTF-8 does, and come out as the digest form again.
 */
import { bytesOfKey, keyFromBytes, storedKeyFromBytes } from '../key.js';

const DIGEST_BYTES = 520;

export const encodeKey = (key: string): Buffer => bytesOfKey(key);

export function decodeKey(bytes: Buffer): string {
  const isDigest = bytes.length === DIGEST_BYTES && bytes[0] === 0xed && bytes[1] === 0xb0 && bytes[2] === 0x80;
  return isDigest ? storedKeyFromBytes(bytes) : keyFromBytes(bytes);
}
