/**
 * RANDOMKEY: all keys roughly equally often, without going through them. Keys that are not folded are picked by their place in
 * memory, those in the table by store/random-name.ts; which of the two is asked is weighted by how many keys each of them has.
 */
import { bytes } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { namePage } from '../../store/names.js';
import { randomName } from '../../store/random-name.js';
import type { Slot } from '../../store/slot.js';
import type { Call, KvCommand } from '../command.js';

/** Picks, of which each may be none any more, before the keys are gone through in order. */
const TRIES = 32;
/** Slots up to which all are looked at to tell how many of them are keys; of more some are. */
const COUNTED_SLOTS = 1_024;
const SAMPLED_SLOTS = 256;
const PAGE = 512;

function randomKey(call: Call): ByteString | undefined {
  const { size } = call.database;
  if (size === 0) return undefined;
  const fresh = Math.min(freshKeys(call), size);
  for (let tries = 0; tries < TRIES; tries++) {
    const key = call.random() * size < fresh ? randomFresh(call) : randomFolded(call);
    if (key !== undefined) return key;
  }
  return firstKey(call);
}

const slotsOf = ({ keyspace: { memory } }: Call): number => memory.fresh.length + memory.folding.length;

function slotAt({ keyspace: { memory } }: Call, at: number): Slot | undefined {
  return at < memory.fresh.length ? memory.fresh[at] : memory.folding[at - memory.fresh.length];
}

const randomSlot = (call: Call): Slot | undefined => slotAt(call, Math.floor(call.random() * slotsOf(call)));

/** Whether it stands for a key of the database that is not in the table as it is; its time may have come. */
function isFresh({ database }: Call, slot: Slot | undefined): slot is Slot {
  return slot?.fresh === true && slot.database === database.number && slot.entry !== undefined;
}

/** About how many keys are not folded. */
function freshKeys(call: Call): number {
  const total = slotsOf(call);
  const all = total <= COUNTED_SLOTS;
  const looks = all ? total : SAMPLED_SLOTS;
  let keys = 0;
  for (let i = 0; i < looks; i++) if (isFresh(call, all ? slotAt(call, i) : randomSlot(call))) keys++;
  return looks === 0 ? 0 : (keys / looks) * total;
}

/** Looks often enough that keys are not missed because most slots stand for what was removed. */
function randomFresh(call: Call): ByteString | undefined {
  for (let looks = 0; looks < SAMPLED_SLOTS; looks++) {
    const slot = randomSlot(call);
    if (isFresh(call, slot) && call.database.find(slot.key) !== undefined) return slot.key;
  }
  return undefined;
}

/** A row of the table, unless a fresh slot speaks for its key. */
function randomFolded(call: Call): ByteString | undefined {
  const { keyspace, database } = call;
  const key = randomName(keyspace.store, database.space, () => call.random());
  if (key === undefined || keyspace.memory.get(database.number, key)?.fresh === true) return undefined;
  return database.find(key) === undefined ? undefined : key;
}

function firstKey({ keyspace, database }: Call): ByteString | undefined {
  for (let after: ByteString | undefined; ; ) {
    const { names, next } = namePage(keyspace, database, after, PAGE);
    if (names[0] !== undefined || next === undefined) return names[0]?.key;
    after = next;
  }
}

export const randomKeyCommands: readonly KvCommand[] = [
  {
    name: 'randomkey',
    arity: 1,
    flags: ['readonly'],
    summary: 'Answers a key at random.',
    run: (call) => {
      const key = randomKey(call);
      return key === undefined ? null : bytes(key);
    },
  },
];
