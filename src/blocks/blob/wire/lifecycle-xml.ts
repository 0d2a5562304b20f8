/** Lifecycle configurations, as far as ds blob executes them; transitions to other storage classes are refused. */
import { blobErrors } from '../errors.js';
import type { LifecycleFilter, LifecycleRule } from '../lifecycle/rule.js';
import { readTags } from './bucket-xml.js';
import { LIFECYCLE_ROOT, ruleIds } from './lifecycle-ids.js';
import { notImplemented } from './operations.js';
import {
  allowOnly,
  childOf,
  childrenOf,
  countOf,
  malformed,
  readXml,
  requiredText,
  textOf,
  type XmlElement,
} from './xml-reader.js';

const MOST_RULES = 1_000;
const LONGEST_ID = 255;
const DAY_MS = 86_400_000;

/** Errors: `blob.malformed_xml`, `blob.invalid_argument`, `blob.not_implemented`. */
export function readLifecycleXml(bytes: Uint8Array): readonly LifecycleRule[] {
  const root = readXml(bytes, LIFECYCLE_ROOT);
  allowOnly(root, ['Rule']);
  const elements = childrenOf(root, 'Rule');
  if (elements.length === 0 || elements.length > MOST_RULES) throw malformed(`it is to have 1 to ${MOST_RULES} rules`);
  const ids = ruleIds(elements);
  return elements.map((element, index) => readRule(element, ids[index] ?? ''));
}

function readRule(rule: XmlElement, id: string): LifecycleRule {
  for (const name of ['Transition', 'NoncurrentVersionTransition']) {
    if (childrenOf(rule, name).length > 0) throw notImplemented(`${name}: there is one storage class`);
  }
  allowOnly(rule, [
    ...['ID', 'Prefix', 'Filter', 'Status', 'Expiration', 'NoncurrentVersionExpiration'],
    'AbortIncompleteMultipartUpload',
  ]);
  if (id.length > LONGEST_ID) throw invalid(`the ID of a rule is longer than ${LONGEST_ID} characters`);
  const status = requiredText(rule, 'Status').trim();
  if (status !== 'Enabled' && status !== 'Disabled')
    throw malformed(`the Status of rule ${JSON.stringify(id)} is neither Enabled nor Disabled`);
  const expiration = readExpiration(childOf(rule, 'Expiration'));
  const noncurrentExpiration = readNoncurrent(childOf(rule, 'NoncurrentVersionExpiration'));
  const abort = childOf(rule, 'AbortIncompleteMultipartUpload');
  const abortUploadsAfterDays = abort === undefined ? undefined : days(abort, 'DaysAfterInitiation');
  if (expiration === undefined && noncurrentExpiration === undefined && abortUploadsAfterDays === undefined) {
    throw malformed(`rule ${JSON.stringify(id)} does nothing`);
  }
  const filter = readFilter(rule);
  if (filter.tags !== undefined && abortUploadsAfterDays !== undefined) {
    throw invalid('uploads have no tags, so that they cannot be aborted by a rule with tags');
  }
  return {
    ...{ id, enabled: status === 'Enabled', filter },
    ...(expiration !== undefined && { expiration }),
    ...(noncurrentExpiration !== undefined && { noncurrentExpiration }),
    ...(abortUploadsAfterDays !== undefined && { abortUploadsAfterDays }),
  };
}

/** A rule of today has Filter, one of the older form Prefix. */
function readFilter(rule: XmlElement): LifecycleFilter {
  const filter = childOf(rule, 'Filter');
  const prefix = textOf(rule, 'Prefix');
  if (filter !== undefined && prefix !== undefined) throw malformed('a rule has Filter or Prefix, not both');
  if (filter === undefined) {
    if (prefix === undefined) throw malformed('a rule needs Filter or Prefix');
    return prefix === '' ? {} : { prefix };
  }
  const all = childOf(filter, 'And');
  if (all !== undefined) {
    allowOnly(filter, ['And']);
    return readCriteria(all);
  }
  if (filter.children.length > 1) throw malformed('a Filter of several parts needs And around them');
  return readCriteria(filter);
}

function readCriteria(element: XmlElement): LifecycleFilter {
  allowOnly(element, ['Prefix', 'Tag', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan']);
  const prefix = textOf(element, 'Prefix');
  const tags = readTags(childrenOf(element, 'Tag'));
  const sizeGreaterThan = countOf(element, 'ObjectSizeGreaterThan');
  const sizeLessThan = countOf(element, 'ObjectSizeLessThan');
  return {
    ...(prefix !== undefined && prefix !== '' && { prefix }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(sizeGreaterThan !== undefined && { sizeGreaterThan }),
    ...(sizeLessThan !== undefined && { sizeLessThan }),
  };
}

function readExpiration(element: XmlElement | undefined): LifecycleRule['expiration'] {
  if (element === undefined) return undefined;
  allowOnly(element, ['Days', 'Date', 'ExpiredObjectDeleteMarker']);
  const [child] = element.children;
  if (child === undefined || element.children.length > 1) {
    throw malformed('Expiration has one of Days, Date and ExpiredObjectDeleteMarker');
  }
  if (child.name === 'Days') return { days: days(element, 'Days') };
  if (child.name === 'Date') return { date: midnight(child.text.trim()) };
  const marker = child.text.trim();
  if (marker !== 'true' && marker !== 'false') throw malformed('ExpiredObjectDeleteMarker is neither true nor false');
  return { expiredObjectDeleteMarker: marker === 'true' };
}

function readNoncurrent(element: XmlElement | undefined): LifecycleRule['noncurrentExpiration'] {
  if (element === undefined) return undefined;
  allowOnly(element, ['NoncurrentDays', 'NewerNoncurrentVersions']);
  const newerVersionsKept = countOf(element, 'NewerNoncurrentVersions');
  if (newerVersionsKept !== undefined && (newerVersionsKept < 1 || newerVersionsKept > 100)) {
    throw invalid(`NewerNoncurrentVersions is ${newerVersionsKept}, and has to be from 1 to 100`);
  }
  return {
    days: days(element, 'NoncurrentDays'),
    ...(newerVersionsKept !== undefined && { newerVersionsKept }),
  };
}

function days(element: XmlElement, name: string): number {
  const found = countOf(element, name);
  if (found === undefined) throw malformed(`${element.name} has no ${name}`);
  if (found < 1 || found > 2 ** 31 - 1) throw invalid(`${name} is ${found}, and has to be 1 or more`);
  return found;
}

function midnight(text: string): number {
  const date = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|\+00:00))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(date)) throw malformed(`Date ${JSON.stringify(text.slice(0, 50))} is no date`);
  if (date % DAY_MS !== 0) throw invalid(`Date ${text} is not midnight UTC`);
  return date;
}

function invalid(why: string) {
  return blobErrors.error('blob.invalid_argument', why);
}
