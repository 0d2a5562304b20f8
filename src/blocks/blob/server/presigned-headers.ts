/** What SDKs write into the query of a presigned URL, as the headers that it would be. */
import { algorithmOfHeader } from '../checksum/algorithms.js';
import type { Headers } from '../wire/http-values.js';
import type { Query } from '../wire/request-target.js';

const SIGNATURE_PARAMETERS =
  /^x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256)$/;

/**
 * SDKs write into the query of a presigned URL what would be x-amz-* headers. What they write there of a checksum they made up before
 * there was a body (`x-amz-checksum-crc32=AAAAAA==`): only a strict server takes it for true.
 */
export function presignedHeaders(headers: Headers, query: Query, strict: boolean): Headers {
  const merged = new Map(headers);
  for (const [parameter, value] of query) {
    const name = parameter.toLowerCase();
    if (!name.startsWith('x-amz-') || SIGNATURE_PARAMETERS.test(name) || headers.has(name)) continue;
    if (!strict && isOfBody(name)) continue;
    // As headers come from Node: a character for each byte.
    merged.set(name, Buffer.from(value).toString('latin1'));
  }
  return merged;
}

function isOfBody(name: string): boolean {
  return algorithmOfHeader(name) !== undefined || name === 'x-amz-sdk-checksum-algorithm' || name === 'x-amz-trailer';
}
