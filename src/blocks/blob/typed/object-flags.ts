/** What flags commands take that write objects, as data; object.ts reads them. */
import type { TextFlag } from '../../../platform/config/text-flag.js';

/** In the order of help. */
export const objectFlags = {
  'content-type': { value: 'TYPE', about: 'media type', byDefault: 'guessed by the name' },
  'cache-control': { value: 'TEXT', about: 'header that is returned with the object' },
  'content-disposition': { value: 'TEXT', about: 'header that is returned with the object' },
  'content-encoding': { value: 'TEXT', about: 'header that is returned with the object' },
  'content-language': { value: 'TEXT', about: 'header that is returned with the object' },
  metadata: { value: 'NAME=VALUE', about: 'user metadata: x-amz-meta-NAME', multiple: true },
  tag: { value: 'NAME=VALUE', about: 'tag of the object', multiple: true },
} as const satisfies Readonly<Record<string, TextFlag>>;

/** Of what is stored; readChecksumAlgorithm() reads it. */
export const checksumFlag = {
  'checksum-algorithm': {
    value: 'ALGORITHM',
    about: 'checksum to store, and to return, with it: CRC32, CRC32C, CRC64NVME, SHA1 or SHA256',
  },
} as const satisfies Readonly<Record<string, TextFlag>>;

/** Of what is written; readConditionFlags() reads them. */
export const conditionFlags = {
  'if-match': { value: 'ETAG', about: 'only where the present object has this ETag', multiple: true },
  'if-none-match': {
    value: 'ETAG',
    about: 'only where no present object has it; * for where there is none',
    multiple: true,
  },
} as const satisfies Readonly<Record<string, TextFlag>>;
