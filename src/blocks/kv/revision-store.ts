/** A file or a `ds kv serve`: both have the commands of redis/extension, which tell revisions. */
import { Fields, readList, readNumber, readText, type WireReply } from '../../platform/protocol/resp-client/values.js';
import type { ByteString } from './bytes.js';
import { CommonStore, readExpires, readType } from './common-store.js';
import type {
  Change,
  ChangeKind,
  ChangePage,
  Conditions,
  KeyPage,
  ListedKey,
  PageRequest,
  PutOptions,
  StoredValue,
  StoreStats,
  WriteResult,
} from './key-value-store.js';

/** Changes asked for at once. */
const CHANGES = 1_000;

export class RevisionStore extends CommonStore {
  async get(key: ByteString): Promise<StoredValue | undefined> {
    const reply = await this.ask(['KV.GET', key], key);
    if (reply === null) return undefined;
    const [value = null, revision = null, expires = null] = readList(reply, 'KV.GET');
    return { value: readText(value, 'value'), revision: readNumber(revision, 'revision'), ...readExpires(expires) };
  }

  async put(key: ByteString, value: ByteString, options: PutOptions = {}): Promise<WriteResult> {
    const { ttlMs, ifAbsent = false } = options;
    return readWrite(
      await this.ask(
        [
          'KV.PUT',
          key,
          value,
          ...(ttlMs === undefined ? [] : ['PX', String(ttlMs)]),
          ...(ifAbsent ? ['NX'] : []),
          ...conditionArguments(options),
        ],
        key,
      ),
    );
  }

  async delete(key: ByteString, conditions: Conditions = {}): Promise<WriteResult> {
    return readWrite(await this.ask(['KV.DELETE', key, ...conditionArguments(conditions)], key));
  }

  async page({ prefix, match, type, after, limit }: PageRequest): Promise<KeyPage> {
    const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
    const reply = await this.ask([
      'KV.KEYS',
      String(limit),
      ...option('AFTER', after),
      ...option('PREFIX', prefix),
      ...option('MATCH', match),
      ...option('TYPE', type),
    ]);
    const [next = null, keys = null] = readList(reply, 'KV.KEYS');
    return {
      keys: readList(keys, 'keys').map(readListedKey),
      ...(next === null ? {} : { next: readText(next, 'next') }),
    };
  }

  async changes(after: number, prefix?: ByteString): Promise<ChangePage> {
    const only = prefix === undefined ? [] : ['PREFIX', prefix];
    const reply = await this.ask(['KV.CHANGES', String(after), String(CHANGES), ...only]);
    const [revision = null, changes = null] = readList(reply, 'KV.CHANGES');
    return {
      revision: readNumber(revision, 'revision'),
      changes: readList(changes, 'changes').map(readChange),
    };
  }

  async stats(): Promise<StoreStats> {
    const reply = await this.ask(['KV.STATE']);
    const fields = new Fields(reply, 'KV.STATE');
    const expiring = readList(fieldOf(reply, 'expiring'), 'expiring').map((count) => readNumber(count, 'expiring'));
    const keys = readList(fieldOf(reply, 'keys'), 'keys').map((count) => readNumber(count, 'keys'));
    const { server, version } = this.channel;
    return {
      server,
      ...(version === undefined ? {} : { version }),
      databases: keys.map((count, database) => ({ database, keys: count, expiring: expiring[database] ?? 0 })),
      revision: fields.number('revision'),
      firstRevision: fields.number('first_revision'),
      unfoldedKeys: fields.number('unfolded_keys'),
      bytes: fields.number('bytes'),
    };
  }
}

function conditionArguments({ ifEquals, ifRevision }: Conditions): string[] {
  return [
    ...(ifEquals === undefined ? [] : ['IFEQ', ifEquals]),
    ...(ifRevision === undefined ? [] : ['IFREV', String(ifRevision)]),
  ];
}

function readWrite(reply: WireReply): WriteResult {
  const [done = null, revision = null] = readList(reply, 'a write');
  return { done: done === '1', revision: readNumber(revision, 'revision') };
}

function readListedKey(reply: WireReply): ListedKey {
  const [key = null, type = null, expires = null] = readList(reply, 'a key');
  return { key: readText(key, 'key'), type: readType(type), ...readExpires(expires) };
}

function readChange(reply: WireReply): Change {
  const [revision = null, at = null, kind = null, key = null, type, content = null, expires = null] = readList(
    reply,
    'a change',
  );
  const head = {
    revision: readNumber(revision, 'revision'),
    at: readNumber(at, 'at'),
    kind: readText(kind, 'kind') as ChangeKind,
  };
  if (head.kind === 'flush') return head;
  const change = { ...head, key: readText(key, 'key') };
  if (type === undefined) return change;
  const of = readType(type);
  const held = of === 'string' ? { value: readText(content, 'value') } : { count: readNumber(content, 'count') };
  return { ...change, type: of, ...held, ...readExpires(expires) };
}

/** Of a record whose field is a list. */
function fieldOf(reply: WireReply, name: string): WireReply {
  const items = readList(reply, 'KV.STATE');
  return items[items.indexOf(name) + 1] ?? null;
}
