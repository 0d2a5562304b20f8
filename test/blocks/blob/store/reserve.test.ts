import { existsSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type DiskRoom, Reserve, withReserve } from '../../../../src/blocks/blob/store/reserve.js';
import { blobFile } from '../../../../src/blocks/blob/store/schema.js';
import { Writes } from '../../../../src/blocks/blob/store/writes.js';
import { systemRandom } from '../../../../src/platform/clock.js';
import { storageErrors } from '../../../../src/platform/store/errors.js';
import { openStore } from '../../../../src/platform/store/store.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const mostBytes = 3_000_000;
const FULL = expect.objectContaining({ code: 'storage.full', hint: expect.stringContaining('df -h') });

function openReserve(disk: DiskRoom = { total: 1e12, free: 1e9 }) {
  const path = join(temporaryFolder(), 'blob.db');
  const store = openStore(blobFile, { path });
  onTestFinished(() => store.close());
  const room = { ...disk };
  const reserve = new Reserve(store, { random: systemRandom, mostBytes, disk: () => room });
  const file = `${path}-reserve`;
  return { store, reserve, room, file, size: () => statSync(file).size };
}

/** Meets a full disk for as long as the reserve is there. */
function needy(size: () => number, attempts: number[]) {
  return () => {
    attempts.push(size());
    if (size() > 0) throw storageErrors.error('storage.full', 'no space is left');
    return 'done';
  };
}

test('what makes room has the reserve; what takes room is refused until it is whole again', async () => {
  const { store, reserve, room, file, size } = openReserve();
  reserve.check();
  expect(existsSync(file)).toBe(false);
  reserve.require();
  expect(size()).toBe(mostBytes);
  expect(statSync(file).blocks * 512).toBeGreaterThanOrEqual(mostBytes);
  expect(reserve.isWanted).toBe(false);

  const attempts: number[] = [];
  expect(reserve.free(needy(size, attempts))).toBe('done');
  expect(attempts).toEqual([mostBytes, 0]);
  room.free = mostBytes;
  expect(reserve.isWanted).toBe(true);
  expect(() => reserve.check()).toThrow(FULL);
  const writes = new Writes(store, reserve);
  await expect(writes.run(() => 'stored')).rejects.toEqual(FULL);
  expect(await writes.free(() => 'deleted')).toBe('deleted');
  room.free = 2 * mostBytes;
  expect(await writes.run(() => 'stored')).toBe('stored');
  expect(size()).toBe(mostBytes);

  expect(await writes.free(needy(size, attempts))).toBe('done');
  expect(attempts.slice(2)).toEqual([mostBytes, 0]);
  expect(reserve.restore()).toBe(true);
  await writes.close();
});

test('one that never had room is given back from the start; other errors leave it', () => {
  const { store, reserve, room, file, size } = openReserve({ total: 1e12, free: 1000 });
  expect(reserve.restore()).toBe(false);
  expect(size()).toBe(0);
  expect(() => reserve.require()).toThrow(FULL);
  room.free = 1e9;
  reserve.require();
  const closed = () => {
    throw storageErrors.error('storage.locked', 'locked');
  };
  expect(() => withReserve(store.path, closed)).toThrow(expect.objectContaining({ code: 'storage.locked' }));
  expect(size()).toBe(mostBytes);
  // Another process gives it back.
  truncateSync(file, 0);
  reserve.check();
  expect(size()).toBe(mostBytes);
});

test('without a reserve a full disk is told as it is; a small disk has a small one', () => {
  const { reserve } = openReserve();
  let attempts = 0;
  const full = () => {
    attempts += 1;
    throw storageErrors.error('storage.full', 'no space is left');
  };
  expect(() => reserve.free(full)).toThrow(expect.objectContaining({ code: 'storage.full' }));
  expect(attempts).toBe(1);
  const small = openReserve({ total: 800_000, free: 800_000 });
  small.reserve.require();
  expect(small.size()).toBe(100_000);
});
