/** The key-value store's door: all that commands and other blocks may import. Light: the store and the daemon are loaded when used. */
import type { Clock, Random } from '../../platform/clock.js';
import type { Block } from '../../platform/daemon/block.js';
import type { CommandChannel } from './channel.js';
import type { ValueType } from './entry.js';
import { kvErrors } from './errors.js';
import type { KeyValueStore } from './key-value-store.js';

export { byteStringOf, bytesOf, textOf } from './bytes.js';
export type { CommandChannel } from './channel.js';
export type { ValueType } from './entry.js';
export type * from './key-value-store.js';
export { readConditions, readPutOptions } from './report/conditions.js';
export { type EncodedBytes, encodeBytes } from './report/encoded-bytes.js';
export { keyPages, shownBytes, shownKey } from './report/keys.js';
export { typedBytes } from './report/typed-bytes.js';
export { shownChange, watchChanges } from './report/watch.js';
export { kvOptions } from './server/options.js';
export type { Shell } from './shell/index.js';

export const valueTypes = ['string', 'list', 'set', 'zset', 'hash'] as const satisfies readonly ValueType[];

/** Of one value: as much as a daemon takes in one argument. */
export const MOST_VALUE_BYTES = 8 * 1024 * 1024;

export const tooLarge = () =>
  kvErrors.error('kv.too_large', 'the value has more than 8 MiB', {
    hint: 'ds blob stores what is large',
    details: { most_bytes: MOST_VALUE_BYTES },
  });

/** Where `ds kv serve` listens when it is not told, for hints. */
export const kvUrl = 'redis://127.0.0.1:6379';

/** The block as the catalogue has it, for `ds kv serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}

/** A SQLite file, or a server: `ds kv serve`, Redis, Valkey. */
export type StoreTarget =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Where there is no file it is an error, and none is made. Default false. */
      readonly mustExist?: boolean;
    }
  | { readonly kind: 'url'; readonly url: string };

/** Of commands that only read: a file that was named by `--db` must be there, or a slip of the pen would be an empty store. */
export const readTarget = (target: StoreTarget, { db }: { readonly db?: string | undefined }): StoreTarget =>
  target.kind === 'file' ? { ...target, mustExist: db !== undefined } : target;

export interface StoreContext {
  readonly clock: Clock;
  readonly random: Random;
}

/** Opens, uses and closes, whatever happens in between. */
export async function withStore<T>(
  target: StoreTarget,
  context: StoreContext,
  use: (store: KeyValueStore) => Promise<T>,
): Promise<T> {
  const store = await openStore(target, context);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Of commands that a server is asked; a file answers at once. */
export interface Waiting {
  /** Fails those under way. */
  readonly signal?: AbortSignal;
  /** For one command, milliseconds; a server that is silent for longer counts as gone. Default 30,000. */
  readonly commandTimeoutMs?: number;
}

/** The same with all commands of Redis's. */
export async function withChannel<T>(
  target: StoreTarget,
  context: StoreContext,
  use: (channel: CommandChannel, store: KeyValueStore) => Promise<T>,
  waiting: Waiting = {},
): Promise<T> {
  const channel = await openChannel(target, context, waiting);
  try {
    return await use(channel, await storeOver(channel, context.clock));
  } finally {
    await channel.close();
  }
}

/** What `ds kv export` and `import` do. */
export const loadTransfer = async () => {
  const [{ exportRecords }, { importRecords }, { encodeRecord }] = await Promise.all([
    import('./report/export.js'),
    import('./report/import.js'),
    import('./report/records.js'),
  ]);
  return { exportRecords, importRecords, encodeRecord };
};

/** What `ds kv shell` runs. */
export const loadShell = () => import('./shell/index.js');

/** Stores keys of one value each, before a load asks for them. */
export async function fillStore(
  target: StoreTarget,
  context: StoreContext & Pick<Waiting, 'signal'>,
  keys: AsyncIterable<string> | Iterable<string>,
  value: string,
): Promise<void> {
  const { signal } = context;
  const channel = await openChannel(target, context, signal === undefined ? {} : { signal });
  try {
    await (await import('./report/fill.js')).fillKeys(channel, keys, value);
  } finally {
    await channel.close();
  }
}

/** Copies a file while others use it. Errors: `storage.*`. */
export async function backUp(path: string, target: string, { clock }: Pick<StoreContext, 'clock'>) {
  return (await import('./file/backup.js')).backUpFile(path, target, clock);
}

// A command's context is not spread below: who reads its signal takes Ctrl-C over, and nothing here acts on it.

async function openStore(target: StoreTarget, context: StoreContext): Promise<KeyValueStore> {
  const { clock, random } = context;
  if (target.kind === 'url') return storeOver(await openChannel(target, context), clock);
  // Only what the commands of `ds kv` need: a command is measured as a whole process.
  const [{ FileChannel }, { storeCommands }] = await Promise.all([
    import('./file/channel.js'),
    import('./file/store-commands.js'),
  ]);
  return storeOver(new FileChannel({ ...target, clock, random, commands: storeCommands }), clock);
}

async function openChannel(
  target: StoreTarget,
  { clock, random }: StoreContext,
  waiting: Waiting = {},
): Promise<CommandChannel> {
  if (target.kind === 'url') {
    return (await import('./remote/index.js')).openRemoteChannel(target.url, { clock, ...waiting });
  }
  const [{ FileChannel }, { allCommands }] = await Promise.all([
    import('./file/channel.js'),
    import('./file/all-commands.js'),
  ]);
  return new FileChannel({ ...target, clock, random, commands: allCommands() });
}

async function storeOver(channel: CommandChannel, clock: Clock): Promise<KeyValueStore> {
  const { server } = channel;
  if (server === 'redis' || server === 'valkey')
    return new (await import('./remote/redis.js')).RedisStore(channel, clock);
  return new (await import('./revision-store.js')).RevisionStore(channel);
}
