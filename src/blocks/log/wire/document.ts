/**
 * A JSON document as an entry, for the protocols that send documents and not lines.
 *
 *     {"@timestamp": "…", "message": "GET /a", "log": {"level": "info"}, "host": {"name": "web1"}, "user": "ada"}
 *       time                line                 metadata level             stream host              metadata user
 *
 * Without a message the line is the document itself, byte for byte.
 */
import { emptyLabels } from '../labels.js';
import { flatten } from './attributes.js';
import { addPair } from './clean.js';
import { textPairs } from './intake.js';
import { isObject, type JsonObject, property } from './json.js';
import { LARGEST_METADATA, MOST_METADATA } from './limits.js';
import { readEntryTime } from './time-text.js';

export interface DocumentEntry {
  /** Nanoseconds; undefined where the document says none that can be read. */
  readonly timestamp: bigint | undefined;
  /** Undefined: the document itself. */
  readonly line: string | undefined;
  /** For the stream, besides what the protocol says. */
  readonly labels: Record<string, string>;
  readonly metadata: Record<string, string> | undefined;
}

const TIMES = ['@timestamp', 'timestamp', 'time', 'ts'] as const;
/** Of few values each: by path, as the Elastic Common Schema and plain documents have them. */
const LABELS = {
  'service.name': 'service_name',
  'host.name': 'host',
  host: 'host',
  app: 'app',
  job: 'job',
} as const;
const LEVELS = ['log.level', 'level', 'severity'] as const;

/** `ownLabels`: as stream-labels-header.ts has it. Error: `log.bad_body` for what is nested too deep. */
export function readDocument(whole: JsonObject, ownLabels = false): DocumentEntry {
  const own = ownLabels ? textPairs(property(whole, 'labels')) : undefined;
  const document = own === undefined ? whole : without(whole, 'labels');
  const message = property(document, 'message');
  const line = typeof message === 'string' ? message : undefined;
  const labels = own ?? usualLabels(document);
  const metadata = line === undefined ? levelOf(document) : metadataOf(document);
  if (metadata === undefined)
    return { timestamp: timeOf(document), line: undefined, labels, metadata: levelOf(document) };
  return { timestamp: timeOf(document), line, labels, metadata };
}

function usualLabels(document: JsonObject): Record<string, string> {
  const labels = emptyLabels();
  for (const [path, name] of Object.entries(LABELS)) {
    const value = at(document, path);
    if (typeof value === 'string' && value !== '') labels[name] ??= value;
  }
  return labels;
}

function without(document: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([key]) => key !== name));
}

/** When it says that it happened, as far as it is known under one of the usual names. */
export function timeOf(document: JsonObject): bigint | undefined {
  for (const name of TIMES) {
    const time = readEntryTime(property(document, name));
    if (time !== undefined) return time;
  }
  return undefined;
}

/** All but message and time; undefined where it is more than an entry may have: then the document is kept as the line. */
function metadataOf(document: JsonObject): Record<string, string> | undefined {
  const pairs = emptyLabels();
  for (const name of Object.keys(document)) {
    if (name !== 'message' && name !== '@timestamp') flatten(pairs, name, document[name], addPair);
  }
  Object.assign(pairs, levelOf(document));
  let size = 0;
  let count = 0;
  for (const name in pairs) {
    count++;
    size += name.length + (pairs[name] ?? '').length;
  }
  return count <= MOST_METADATA && size <= LARGEST_METADATA ? pairs : undefined;
}

function levelOf(document: JsonObject): Record<string, string> {
  const pairs = emptyLabels();
  for (const path of LEVELS) {
    const level = at(document, path);
    if (typeof level === 'string' && level !== '') {
      pairs['level'] = level.toLowerCase();
      break;
    }
  }
  return pairs;
}

/** `log.level`: a property of that name, or one within another. */
function at(document: JsonObject, path: string): unknown {
  const whole = property(document, path);
  if (whole !== undefined) return whole;
  let value: unknown = document;
  for (const name of path.split('.')) {
    if (!isObject(value)) return undefined;
    value = property(value, name);
  }
  return value;
}
