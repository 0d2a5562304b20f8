import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCheck } from '../../../../src/blocks/dns/discovery/check.js';
import { type Candidate, choose } from '../../../../src/blocks/dns/discovery/choose.js';
import { afterCheck, type Health, isGivenOut, unknownHealth } from '../../../../src/blocks/dns/discovery/health.js';

const rules = { fall: 2, rise: 3, holdDownMs: 1_000 };

/** States after each check; a check a hundred milliseconds. `x` fails. */
function states(checks: string, from: Health = unknownHealth(0), withRules = rules): string[] {
  let health = from;
  return [...checks].map((check, i) => {
    health = afterCheck(health, check === 'x' ? 'refused' : '', withRules, i * 100);
    return health.state;
  });
}

test('the first check decides', () => {
  expect(states('.')).toEqual(['up']);
  expect(states('x')).toEqual(['down']);
  expect(isGivenOut(unknownHealth(0))).toBe(true);
});

test('fall failures in a row take it down, and no fewer', () => {
  expect(states('.x.x.')).toEqual(['up', 'up', 'up', 'up', 'up']);
  expect(states('.xx')).toEqual(['up', 'up', 'down']);
});

test('rise successes in a row hold it; it comes back when the hold-down is over', () => {
  expect(states('x..x...')).toEqual(['down', 'down', 'down', 'down', 'down', 'down', 'held']);
  const back = states(`x...${'.'.repeat(12)}`);
  expect(back.slice(3, 13).every((state) => state === 'held')).toBe(true);
  expect(back.at(-1)).toBe('up');
});

test('one failure during the hold-down takes it down again', () => {
  expect(states('x...x.')).toEqual(['down', 'down', 'down', 'held', 'down', 'down']);
});

test('without a hold-down it is up at once', () => {
  expect(states('x...', unknownHealth(0), { ...rules, holdDownMs: 0 })).toEqual(['down', 'down', 'down', 'up']);
});

const candidate = (shown: string, parts: Partial<Candidate> = {}): Candidate => ({
  rdata: Buffer.from(shown),
  shown,
  weight: 1,
  tier: 0,
  state: 'up',
  problem: '',
  ...parts,
});
const names = (rdatas: readonly Uint8Array[]) => rdatas.map((rdata) => Buffer.from(rdata).toString()).sort();

test('those of the lowest tier that has any well are given out, and it says why not the others', () => {
  const all = [
    candidate('a', { state: 'down', problem: 'refused' }),
    candidate('b', { tier: 1 }),
    candidate('c', { tier: 1, state: 'held' }),
    candidate('d', { tier: 2 }),
  ];
  const { rdatas, why } = choose(all, () => 0.5);
  expect(names(rdatas)).toEqual(['b']);
  expect(why).toBe(
    '1 of 2 targets of tier 1, b first; a is down (refused); c is well again, but held down; d waits in tier 2',
  );
});

test('when none is well, all of the lowest tier are given out', () => {
  const all = [
    candidate('a', { state: 'down' }),
    candidate('b', { state: 'down' }),
    candidate('c', { state: 'down', tier: 1 }),
  ];
  const { rdatas, why } = choose(all, () => 0.5);
  expect(names(rdatas)).toEqual(['a', 'b']);
  expect(why).toMatch(/^no target is well, so all of tier 0 are given/);
});

test('who comes first is in proportion to the weights', () => {
  const all = [candidate('heavy', { weight: 3 }), candidate('light')];
  let state = 7;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  let heavy = 0;
  for (let i = 0; i < 20_000; i++) if (Buffer.from(choose(all, random).rdatas[0] ?? []).toString() === 'heavy') heavy++;
  expect(heavy / 20_000).toBeGreaterThan(0.73);
  expect(heavy / 20_000).toBeLessThan(0.77);
});

test('property: something is always given out, nothing twice, and nothing that is down while another is well', () => {
  const arbitrary = fc.record({
    weight: fc.integer({ min: 1, max: 65_535 }),
    tier: fc.integer({ min: 0, max: 3 }),
    state: fc.constantFrom('unknown' as const, 'up' as const, 'held' as const, 'down' as const),
  });
  fc.assert(
    fc.property(
      fc.array(arbitrary, { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (list, number) => {
        const all = list.map((parts, i) => candidate(String(i), parts));
        const given = choose(all, () => number).rdatas.map((rdata) => all[Number(Buffer.from(rdata).toString())]);
        expect(given.length).toBeGreaterThan(0);
        expect(new Set(given).size).toBe(given.length);
        if (all.some(isGivenOut)) expect(given.every((one) => one !== undefined && isGivenOut(one))).toBe(true);
      },
    ),
  );
});

test.each([
  ['tcp:80', { kind: 'tcp', host: undefined, port: 80 }],
  ['tcp:', { kind: 'tcp', host: undefined, port: undefined }],
  ['tcp://10.0.0.9:80', { kind: 'tcp', host: '10.0.0.9', port: 80 }],
  ['tcp://[::1]:80', { kind: 'tcp', host: '::1', port: 80 }],
  ['http:8080/healthz?x=1', { kind: 'http', host: undefined, port: 8080, path: '/healthz?x=1' }],
  ['https://api.test/up', { kind: 'https', host: 'api.test', port: undefined, path: '/up' }],
  ['http:', { kind: 'http', host: undefined, port: undefined, path: '/' }],
  ['command: test -e "$DS_ADDRESS"', { kind: 'command', command: 'test -e "$DS_ADDRESS"' }],
])('check %s', (text, check) => {
  expect(parseCheck(text)).toEqual(check);
});

test.each([
  '',
  'tcp',
  'tcp:0',
  'tcp:70000',
  'tcp:80/x',
  'tcp://host',
  'ftp:21',
  'command:',
  'http:80 x',
  `tcp:${'1'.repeat(2000)}`,
])('no check: %s', (text) => {
  expect(() => parseCheck(text)).toThrow(expect.objectContaining({ code: 'dns.bad_check' }));
});
