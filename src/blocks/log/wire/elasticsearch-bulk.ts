/**
 * Elasticsearch's _bulk (elastic.co/docs/api/doc/elasticsearch, «Bulk index or delete documents»): lines in pairs.
 *
 *     {"create": {"_index": "logs-shop", "_id": "1"}}      create and index: the document follows
 *     {"@timestamp": "…", "message": "…"}
 *     {"delete": {"_index": "logs-shop", "_id": "1"}}      delete and update are refused, each by itself: entries do not change
 *
 * Each item has its own outcome, in the order of the request.
 */
import { DsError } from '../../../platform/errors.js';
import { emptyLabels, type Labels } from '../labels.js';
import { badBody } from './bad-body.js';
import { readDocument } from './document.js';
import { type Decoded, Intake } from './intake.js';
import { isObject, parseJson, property } from './json.js';
import { eachLine } from './lines.js';

interface BulkItem {
  readonly action: string;
  readonly index: string;
  readonly id: string | undefined;
  /** Where it is in the batch: of which stream there. */
  readonly stream?: Labels;
  /** Undefined: it is in the batch. */
  readonly error?: { readonly type: string; readonly reason: string };
}

export interface DecodedBulk extends Decoded {
  readonly items: readonly BulkItem[];
}

const ACTIONS = ['create', 'index', 'update', 'delete'];

export interface BulkContext {
  /** Nanoseconds. */
  readonly now: bigint;
  /** stream-labels-header.ts */
  readonly ownLabels?: boolean;
}

/** `index`: of the path, for items that name none. Errors: `log.bad_body`, `log.too_large`. */
export function decodeBulk(body: Buffer, index: string | undefined, context: BulkContext): DecodedBulk {
  const intake = new Intake();
  const items: BulkItem[] = [];
  let action: BulkItem | undefined;
  eachLine(
    body,
    (start, end) => {
      if (action === undefined) {
        action = readAction(parseJson(body, start, end), index, items.length + 1);
        if (action.action !== 'delete') return;
        items.push(refused(action));
      } else if (action.action === 'update') items.push(refused(action));
      else items.push(takeDocument(intake, body.subarray(start, end), action, context));
      action = undefined;
    },
    2,
  );
  if (action !== undefined) throw badBody('the last item has no document');
  return { ...intake.finish(), items };
}

function readAction(line: unknown, pathIndex: string | undefined, number: number): BulkItem {
  const action = isObject(line) ? Object.keys(line) : [];
  const name = action[0];
  if (!isObject(line) || action.length !== 1 || name === undefined || !ACTIONS.includes(name)) {
    throw badBody(`item ${number} begins with none of ${ACTIONS.join(', ')}`);
  }
  const about = line[name];
  if (!isObject(about)) throw badBody(`the ${name} of item ${number} is not an object`);
  const index = property(about, '_index') ?? pathIndex;
  const id = property(about, '_id');
  if (typeof index !== 'string' || index === '') throw badBody(`item ${number} names no index`);
  return { action: name, index, id: id === undefined || id === null ? undefined : String(id) };
}

function refused(item: BulkItem): BulkItem {
  const reason = `ds log keeps entries as they came: ${item.action} is not supported`;
  return { ...item, error: { type: 'illegal_argument_exception', reason } };
}

function takeDocument(intake: Intake, bytes: Buffer, item: BulkItem, { now, ownLabels }: BulkContext): BulkItem {
  const failed = (reason: string): BulkItem => ({ ...item, error: { type: 'document_parsing_exception', reason } });
  try {
    const document = parseJson(bytes);
    if (!isObject(document)) return failed('the document is not an object');
    const { timestamp = now, line = bytes, labels, metadata } = readDocument(document, ownLabels);
    const stream = intake.stream(Object.assign(emptyLabels(), labels, { index: item.index }));
    if (stream.reason !== undefined) {
      intake.refusals.add(stream.reason, stream.message);
      return failed(stream.message);
    }
    if (intake.add(stream.labels, timestamp, line, metadata)) return { ...item, stream: stream.labels };
    return failed(intake.refusals.last);
  } catch (error) {
    if (error instanceof DsError && error.code === 'log.bad_body') {
      intake.refusals.add('bad_entry', error.message);
      return failed(error.message);
    }
    throw error;
  }
}
