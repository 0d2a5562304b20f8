/** Bodies as they were sent, unpacked: Content-Encoding gzip and deflate, and Snappy, with a bound on what comes out. */
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { codeOf } from '../../../platform/errors.js';
import { badBody, tooLarge } from './bad-body.js';
import { LARGEST_UNPACKED } from './limits.js';
import { unpackSnappy } from './snappy.js';

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);

const GZIP_TRAILER = 8;
/** DEFLATE's best is 1032 to 1: what is more was not meant by who packed it. */
const MOST_EXPANSION = 1033;

/**
 * `encoding` is that of the request, absent or `identity`, `gzip`, `deflate`, `snappy`.
 * Errors: `log.bad_body`, also for an encoding that nobody here knows; `log.too_large`.
 */
export async function unpackBody(
  body: Buffer,
  encoding: string | undefined,
  mostBytes = LARGEST_UNPACKED,
): Promise<Buffer> {
  switch (encoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      if (body.length > mostBytes) throw tooLarge(`the body has ${body.length} bytes, more than ${mostBytes}`);
      return body;
    case 'gzip':
    case 'x-gzip':
      checkPromise(body, mostBytes);
      return unpacked(gunzipAsync(body, { maxOutputLength: mostBytes }), 'gzip', mostBytes);
    case 'deflate':
      return unpacked(inflateAsync(body, { maxOutputLength: mostBytes }), 'deflate', mostBytes);
    case 'snappy':
      return unpackSnappy(body, mostBytes);
    default:
      throw badBody(`the content encoding ${JSON.stringify(encoding)} is none of gzip, deflate and snappy`);
  }
}

/** The last four bytes are the length of the last member, modulo 2^32 (RFC 1952): what says too much is not even begun. */
function checkPromise(body: Buffer, mostBytes: number): void {
  if (body.length < GZIP_TRAILER) return;
  const length = body.readUInt32LE(body.length - 4);
  if (length > mostBytes && length <= body.length * MOST_EXPANSION) {
    throw tooLarge(`the body says that it is ${length} bytes once unpacked, more than ${mostBytes}`);
  }
}

async function unpacked(unpacking: Promise<Buffer>, name: string, mostBytes: number): Promise<Buffer> {
  try {
    return await unpacking;
  } catch (cause) {
    if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(`the body is more than ${mostBytes} bytes once unpacked`);
    throw badBody(`the body is not ${name}, or is damaged`, cause);
  }
}
