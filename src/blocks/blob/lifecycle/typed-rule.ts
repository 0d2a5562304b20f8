/** One rule as flags say it, as the document that a bucket keeps. */
import { blobErrors } from '../errors.js';
import { readPairs } from '../typed/object.js';
import { document, element, parent } from '../wire/xml-writer.js';

export interface RuleFlags {
  readonly prefix?: string | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly 'expire-days'?: number | undefined;
  readonly 'noncurrent-days'?: number | undefined;
  readonly 'keep-versions'?: number | undefined;
  readonly 'abort-days'?: number | undefined;
}

/** Errors: `blob.invalid_argument`, and whatever the reader of the document says of it. */
export function lifecycleXml(flags: RuleFlags): string {
  const { 'expire-days': expire, 'noncurrent-days': noncurrent, 'keep-versions': kept, 'abort-days': abort } = flags;
  if (expire === undefined && noncurrent === undefined && abort === undefined) {
    throw blobErrors.error('blob.invalid_argument', 'the rule would do nothing', {
      hint: 'say when: --expire-days 30, --noncurrent-days 7 or --abort-days 1; or name a file with a document',
    });
  }
  if (kept !== undefined && noncurrent === undefined) {
    throw blobErrors.error('blob.invalid_argument', '--keep-versions says how many --noncurrent-days leaves', {
      hint: `add --noncurrent-days 7`,
    });
  }
  const rule = parent(
    'Rule',
    element('ID', 'ds'),
    element('Status', 'Enabled'),
    filterXml(flags),
    expire === undefined ? '' : parent('Expiration', element('Days', expire)),
    noncurrent === undefined
      ? ''
      : parent(
          'NoncurrentVersionExpiration',
          element('NoncurrentDays', noncurrent),
          element('NewerNoncurrentVersions', kept),
        ),
    abort === undefined ? '' : parent('AbortIncompleteMultipartUpload', element('DaysAfterInitiation', abort)),
  );
  return document('LifecycleConfiguration', rule);
}

function filterXml({ prefix, tag }: RuleFlags): string {
  const tags = Object.entries(tag === undefined ? {} : readPairs(tag, '--tag'));
  const parts = tags.map(([key, value]) => parent('Tag', element('Key', key), element('Value', value)));
  if (parts.length === 0) return parent('Filter', element('Prefix', prefix ?? ''));
  if (parts.length === 1 && prefix === undefined) return parent('Filter', ...parts);
  return parent('Filter', parent('And', element('Prefix', prefix), ...parts));
}
