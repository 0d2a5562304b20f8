/** Buckets, objects and versions as rows, for tables and pipes alike; the command line's own columns have this shape. */
import type { Color } from '../../../platform/colors.js';
import { isoTime, relativeTime } from '../../../platform/relative-time.js';
import { formatSize } from '../../../platform/units.js';
import type { ObjectPage, VersionEntry, VersionPage } from '../blob-store.js';
import type { BucketInfo, ObjectInfo } from '../object-types.js';
import { compareKeys } from '../rules/key-order.js';

interface ShownColumn<Row> {
  readonly header: string;
  readonly value: (row: Row) => string | number | undefined;
  readonly display?: (row: Row) => string;
  readonly align?: 'right';
  readonly color?: (row: Row) => Color | undefined;
  readonly keep?: boolean;
}

/** What is rolled up has only a key. */
export type ListRow = Pick<ObjectInfo, 'key'> & Partial<ObjectInfo>;
export type VersionRow = Pick<VersionEntry, 'key'> & Partial<VersionEntry>;

/** Else it is a prefix that keys are rolled up in. */
export function isObject(row: ListRow): row is ObjectInfo {
  return row.etag !== undefined;
}

/** Else it is a prefix that keys are rolled up in. */
export function isVersion(row: VersionRow): row is VersionEntry {
  return row.versionId !== undefined;
}

/** Objects and common prefixes in the order of keys. */
export function listRows({ objects, prefixes }: ObjectPage): ListRow[] {
  return inOrder(objects, prefixes);
}

/** Versions of a key stay in their order, the newest first. */
export function versionRows({ versions, prefixes }: VersionPage): VersionRow[] {
  return inOrder(versions, prefixes);
}

function inOrder<Row extends { readonly key: string }>(rows: readonly Row[], prefixes: readonly string[]) {
  if (prefixes.length === 0) return [...rows];
  return [...rows, ...prefixes.map((key) => ({ key }))].sort((a, b) => compareKeys(a.key, b.key));
}

function timeColumn<Row>(header: string, now: number, read: (row: Row) => number | undefined): ShownColumn<Row> {
  const show = (row: Row, say: (instant: number) => string) => {
    const instant = read(row);
    return instant === undefined ? undefined : say(instant);
  };
  return {
    header,
    value: (row) => show(row, isoTime),
    display: (row) => show(row, (instant) => relativeTime(instant, now)) ?? '',
    color: () => 'dim',
  };
}

function sizeColumn<Row>(read: (row: Row) => number | undefined): ShownColumn<Row> {
  return {
    header: 'size',
    value: read,
    display: (row) => {
      const size = read(row);
      return size === undefined ? '' : formatSize(size);
    },
    align: 'right',
  };
}

/** @param now milliseconds since the epoch, for times like «3 min ago» */
export function bucketColumns(now: number): ShownColumn<BucketInfo>[] {
  return [
    { header: 'bucket', value: ({ name }) => name, keep: true },
    // Of others' buckets a server does not tell.
    timeColumn('created', now, ({ createdAt }) => (createdAt === 0 ? undefined : createdAt)),
    { header: 'versioning', value: ({ versioning }) => versioning, color: () => 'dim' },
    { header: 'snapshot of', value: ({ snapshotOf }) => snapshotOf, color: () => 'dim' },
  ];
}

/** @param now as of {@link bucketColumns} */
export function objectColumns(now: number): ShownColumn<ListRow>[] {
  return [
    { header: 'key', value: ({ key }) => key, keep: true },
    sizeColumn(({ size }) => size),
    timeColumn('changed', now, ({ modifiedAt }) => modifiedAt),
    { header: 'etag', value: ({ etag }) => etag, color: () => 'dim' },
  ];
}

/** @param now as of {@link bucketColumns} */
export function versionColumns(now: number): ShownColumn<VersionRow>[] {
  return [
    { header: 'key', value: ({ key }) => key, keep: true },
    { header: 'version', value: ({ versionId }) => versionId, keep: true },
    {
      header: 'state',
      value: stateOf,
      color: (row) => (row.isLatest === true ? 'green' : 'dim'),
    },
    sizeColumn(({ object }) => object?.size),
    timeColumn('changed', now, ({ modifiedAt }) => modifiedAt),
    { header: 'etag', value: ({ object }) => object?.etag, color: () => 'dim' },
  ];
}

function stateOf(row: VersionRow): string | undefined {
  if (!isVersion(row)) return undefined;
  if (row.object === undefined) return row.isLatest ? 'deleted' : 'delete marker';
  return row.isLatest ? 'current' : 'noncurrent';
}
