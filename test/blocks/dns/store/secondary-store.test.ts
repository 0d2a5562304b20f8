import { expect, test } from 'vitest';
import type { Name } from '../../../../src/blocks/dns/name.js';
import { openDnsStore } from '../../../../src/blocks/dns/store.js';
import { failsWith, importText, openTestStore, origin, zoneText } from './test-zones.js';

const checked = { at: 1_000, with: 'udp://192.0.2.1:53', expiresAt: 9_000 };

function storeWithCopy() {
  const store = openTestStore();
  importText(store, zoneText(1), { serial: 'keep' });
  return store;
}

test('a zone is followed from servers in order; what is said later stands', () => {
  const store = storeWithCopy();
  const { secondaries, clock } = store;
  const first = secondaries.follow(origin, ['udp://192.0.2.1:53', 'tls://192.0.2.2:853#ns.test'], checked);
  expect(first.origin.equals(origin)).toBe(true);
  expect(first).toMatchObject({
    primaries: ['udp://192.0.2.1:53', 'tls://192.0.2.2:853#ns.test'],
    followedAt: clock.now(),
    checkedAt: 1_000,
    checkedWith: 'udp://192.0.2.1:53',
    expiresAt: 9_000,
    nextCheckAt: undefined,
    problem: undefined,
  });
  const again = secondaries.follow(origin, ['udp://192.0.2.3:53'], checked);
  // A daemon notices by the time, even within the same millisecond.
  expect(again).toMatchObject({ primaries: ['udp://192.0.2.3:53'], followedAt: first.followedAt + 1 });
  expect(secondaries.list()).toEqual([again]);
});

test('a check that went well ends a problem; one that failed keeps since when it lasts', () => {
  const { secondaries, clock } = storeWithCopy();
  secondaries.follow(origin, ['udp://192.0.2.1:53'], checked);
  secondaries.noteProblem(origin, 'nothing listens there', 2_000);
  const since = clock.now();
  clock.advance(5_000);
  secondaries.noteProblem(origin, `no reply ${'x'.repeat(2_000)}`, 3_000);
  const state = secondaries.get(origin);
  expect(state).toMatchObject({ nextCheckAt: 3_000, checkedAt: 1_000, expiresAt: 9_000, problem: { since } });
  expect(state?.problem?.text.length).toBe(500);
  secondaries.noteCheck(origin, { at: 4_000, with: 'udp://192.0.2.2:53', expiresAt: 12_000 }, 5_000);
  expect(secondaries.get(origin)).toMatchObject({
    checkedAt: 4_000,
    checkedWith: 'udp://192.0.2.2:53',
    expiresAt: 12_000,
    nextCheckAt: 5_000,
    problem: undefined,
  });
});

test('another process sees what is followed; notes of checks are no change of zones', () => {
  const store = storeWithCopy();
  const other = openDnsStore({ path: store.path, clock: store.clock });
  const before = [other.secondaries.version(), other.zones.version()];
  store.secondaries.follow(origin, ['udp://192.0.2.1:53'], checked);
  expect(other.secondaries.version()).toBeGreaterThan(before[0] ?? 0);
  const followed = other.secondaries.version();
  store.secondaries.noteProblem(origin, 'away', 1);
  expect([other.secondaries.version(), other.zones.version()]).toEqual([followed, before[1]]);
  other.close();
});

test('with the zone what was said of it goes, too; notes of what is gone are nothing', () => {
  const { secondaries, zones } = storeWithCopy();
  secondaries.follow(origin, ['udp://192.0.2.1:53'], checked);
  zones.delete(origin);
  expect(secondaries.list()).toEqual([]);
  secondaries.noteProblem(origin, 'away', 1);
  expect(secondaries.get(origin)).toBeUndefined();
});

test('only copies are followed, from 1 to 8 servers', () => {
  const store = openTestStore();
  const follow = (zone: Name, servers: number) => () =>
    store.secondaries.follow(zone, new Array(servers).fill('udp://192.0.2.1:53'), checked);
  expect(follow(origin, 1)).toThrow(failsWith('dns.no_such_zone'));
  importText(store, zoneText(1));
  expect(follow(origin, 1)).toThrow(failsWith('dns.zone_exists'));
  store.zones.delete(origin);
  importText(store, zoneText(1), { serial: 'keep' });
  expect(follow(origin, 0)).toThrow(failsWith('dns.bad_server'));
  expect(follow(origin, 9)).toThrow(failsWith('dns.bad_server', /9 servers/));
});
