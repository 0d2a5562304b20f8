/**
 * What senders give as labels, made into such: names as Prometheus has them, values as text, and all within the bounds. A name with other
 * characters has _ in their place (`http.route` → `http_route`), as in Loki's OTLP endpoint; of two that then are the same, the second one
 * is told apart by a number.
 */
import { emptyLabels, type Labels } from '../labels.js';
import { LARGEST_METADATA, LARGEST_STREAM, LONGEST_NAME, LONGEST_VALUE, MOST_LABELS, MOST_METADATA } from './limits.js';
import type { RefusalReason } from './refusals.js';

interface Refused {
  readonly reason: RefusalReason;
  readonly message: string;
}

/** Either labels, or why they are refused. */
export type Cleaned = { readonly labels: Labels; readonly reason?: undefined } | Refused;

/** What a pair takes besides its characters. */
const PAIR_SIZE = 16;

const GOOD_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function cleanName(name: string): string {
  if (GOOD_NAME.test(name)) return name;
  const cleaned = name.replace(/[^a-zA-Z0-9_]/g, '_');
  return /^[a-zA-Z_]/.test(cleaned) ? cleaned : `_${cleaned}`;
}

/** Adds a pair under a clean name that is not taken. */
export function addPair(labels: Record<string, string>, name: string, value: string): void {
  const cleaned = cleanName(name);
  let free = cleaned;
  let taken = 0;
  let number = 1;
  for (; free in labels; free = `${cleaned}_${number}`) {
    if (labels[free] === value) return;
    taken = number;
    number *= 2;
  }
  // Of thousands of names that are cleaned to the same one, not each is compared with all before.
  while (number - taken > 1) {
    const middle = (taken + number) >>> 1;
    if (`${cleaned}_${middle}` in labels) taken = middle;
    else number = middle;
  }
  labels[number === 1 ? cleaned : `${cleaned}_${number}`] = value;
}

/** Labels of a stream: one at least. Empty values count as absent, as everywhere in Prometheus. */
export function cleanStream(given: Readonly<Record<string, string>>): Cleaned {
  const labels = emptyLabels();
  let count = 0;
  let size = 0;
  for (const name in given) {
    const value = given[name] ?? '';
    if (value === '') continue;
    if (++count > MOST_LABELS) return refuse('too_many_labels', `a stream has more than ${MOST_LABELS} labels`);
    if (name.length > LONGEST_NAME)
      return refuse(
        'label_name_too_long',
        `the name of a label has ${name.length} characters, more than ${LONGEST_NAME}`,
      );
    if (value.length > LONGEST_VALUE) {
      return refuse(
        'label_value_too_long',
        `the label ${cleanName(name)} has ${value.length} characters, more than ${LONGEST_VALUE}`,
      );
    }
    size += name.length + value.length;
    addPair(labels, name, value);
  }
  if (size > LARGEST_STREAM)
    return refuse('labels_too_large', `the labels of a stream have ${size} characters, more than ${LARGEST_STREAM}`);
  if (count === 0) return refuse('missing_labels', 'a stream needs one label at least');
  return { labels };
}

/** Structured metadata of an entry, and what it is of {@link LARGEST_METADATA_TOTAL}. */
export function cleanMetadata(
  given: Readonly<Record<string, string>>,
): { readonly labels: Labels; readonly reason?: undefined; readonly size: number } | Refused {
  const labels = emptyLabels();
  let count = 0;
  let size = 0;
  for (const name in given) {
    const value = given[name] ?? '';
    size += name.length + value.length;
    if (++count > MOST_METADATA) {
      return refuse('too_much_metadata', `an entry has more than ${MOST_METADATA} pairs of structured metadata`);
    }
    if (size > LARGEST_METADATA) {
      return refuse(
        'too_much_metadata',
        `an entry has more than ${LARGEST_METADATA} characters of structured metadata`,
      );
    }
    addPair(labels, name, value);
  }
  return { labels, size: size + count * PAIR_SIZE };
}

function refuse(reason: RefusalReason, message: string): Refused {
  return { reason, message };
}
