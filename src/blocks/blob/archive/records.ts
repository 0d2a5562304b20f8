/**
 * What of an object no tar header has, as records of a pax header that other programs pass over:
 *
 *     DS.blob.headers    {"contentType":"text/plain"}      DS.blob.metadata   {"origin":"scanner"}
 *     DS.blob.tags       {"project":"apollo"}
 *
 * each a JSON object of strings. The key is the record `path`: exactly, whatever is in it.
 */
import { present } from '../../../platform/present.js';
import type { PutOptions } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { ObjectStat, Tags } from '../object-types.js';
import { contentHeadersBy } from '../rules/content-headers.js';

const HEADERS = 'DS.blob.headers';
const METADATA = 'DS.blob.metadata';
const TAGS = 'DS.blob.tags';

/** All records of an object: `mtime` in seconds with a fraction, and those of ours that say something. */
export function recordsOf({ headers, metadata, modifiedAt }: ObjectStat, tags: Tags): Record<string, string> {
  const groups = { [HEADERS]: headers, [METADATA]: metadata, [TAGS]: tags };
  const filled = Object.entries(groups).filter(([, group]) => Object.keys(group).length > 0);
  return {
    mtime: String(modifiedAt / 1000),
    ...Object.fromEntries(filled.map(([name, group]) => [name, JSON.stringify(group)])),
  };
}

/** Error: `blob.bad_archive`. */
export function optionsOf(
  key: string,
  records: Readonly<Record<string, string>>,
): Pick<PutOptions, 'headers' | 'metadata' | 'tags'> {
  const read = (name: string) => {
    const text = records[name];
    return text === undefined ? undefined : readGroup(key, name, text);
  };
  const headers = read(HEADERS);
  return present({
    headers: headers && contentHeadersBy((_, name) => headers[name]),
    metadata: read(METADATA),
    tags: read(TAGS),
  });
}

function readGroup(key: string, name: string, text: string): Readonly<Record<string, string>> {
  const group = parse(text);
  if (isGroup(group)) return group;
  throw blobErrors.error('blob.bad_archive', `record ${name} of ${JSON.stringify(key)} is no JSON object of strings`);
}

function isGroup(value: unknown): value is Readonly<Record<string, string>> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord && Object.values(value).every((entry) => typeof entry === 'string');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
