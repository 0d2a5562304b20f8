/** Pages of lists: of objects, of versions, of uploads. Each reads what it returns and little more: see rules/rollup.ts. */
import type { ListQuery, ObjectPage } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import { isUnicode } from '../rules/key.js';
import { rangeOfPage, rollUpPage } from '../rules/rollup.js';
import type { StoreParts } from './parts.js';
import { type ObjectRow, toObjectInfo, VERSION_COLUMNS } from './rows.js';

/** Errors: `blob.no_such_bucket`, `blob.invalid_argument`. */
export async function listObjects(parts: StoreParts, bucketName: string, query: ListQuery): Promise<ObjectPage> {
  const { prefix, delimiter, limit } = checkList(query);
  const { buckets, file } = parts;
  return file.view(() => {
    const bucket = buckets.find(bucketName);
    const range = rangeOfPage({ prefix, delimiter }, query.after);
    if (range === undefined) return { objects: [], prefixes: [] };
    const page = rollUpPage({ prefix, delimiter, limit }, range.from, (from) =>
      file
        .statement<(number | string)[], ObjectRow>(
          `SELECT ${VERSION_COLUMNS} FROM object WHERE bucket_id = ? AND ${keysOf(range.before)} ORDER BY key`,
        )
        .iterate(bucket.id, ...keyParameters(from, range.before)),
    );
    return {
      objects: page.rows.map((row) => toObjectInfo(bucket, row)),
      prefixes: page.prefixes,
      ...(page.last === undefined ? {} : { next: 'row' in page.last ? page.last.row.key : page.last.prefix }),
    };
  });
}

/** Condition on keys; {@link keyParameters} are its parameters. */
export function keysOf(before: string | undefined): string {
  return before === undefined ? 'key >= ?' : 'key >= ? AND key < ?';
}

export function keyParameters(from: string, before: string | undefined): string[] {
  return before === undefined ? [from] : [from, before];
}

/** Error: `blob.invalid_argument`. */
export function checkList(query: Pick<ListQuery, 'prefix' | 'delimiter' | 'limit'>) {
  const { prefix = '', delimiter = '', limit } = query;
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw blobErrors.error('blob.invalid_argument', `a page cannot have ${limit} entries`);
  if (!isUnicode(prefix) || !isUnicode(delimiter))
    throw blobErrors.error('blob.invalid_argument', 'a prefix or a delimiter is not UTF-8');
  return { prefix, delimiter, limit };
}
