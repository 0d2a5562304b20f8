import { expect, it } from 'vitest';
import { checkAfter, startsAfter } from '../../../../src/blocks/cron/rules/after-job.js';
import { restsAt } from '../../../../src/blocks/cron/rules/pause.js';
import { runStates } from '../../../../src/blocks/cron/run.js';

it('starts jobs after the ends that they wait for; a lost run counts as a failure', () => {
  const after = (on: 'success' | 'failure' | 'any') => runStates.filter((state) => startsAfter(on, state));
  expect(after('success')).toEqual(['succeeded']);
  expect(after('failure')).toEqual(['failed', 'fenced']);
  expect(after('any')).toEqual(['succeeded', 'failed', 'cancelled', 'fenced']);
});

it('finds circles of any length, and what is not there', () => {
  const check = (pairs: Record<string, string>, names: string[]) => () =>
    checkAfter(new Map(Object.entries(pairs)), new Set(names));
  expect(check({ b: 'a', c: 'b', d: 'b' }, ['a', 'b'])).not.toThrow();
  expect(check({ a: 'a' }, ['a'])).toThrow('a would run after itself: a after a');
  expect(check({ x: 'a', a: 'b', b: 'c', c: 'a' }, ['a', 'b', 'c'])).toThrow(
    'a would run after itself: a after b after c after a',
  );
  expect(check({ b: 'nigthly' }, ['nightly'])).toThrow('b runs after nigthly, and there is no job of this name');
  const chain = Array.from({ length: 20_000 }, (_, index) => [`${index + 1}`, `${index}`] as const);
  expect(() => checkAfter(new Map(chain), new Set(chain.map(([, previous]) => previous)))).not.toThrow();
});

it('says who runs after a job that is to be deleted, and what to do', () => {
  const remove = (followers: readonly string[]) => {
    try {
      checkAfter(new Map([['z', 'y'], ...followers.map((name) => [name, 'backup'] as const)]), new Set(['y']), [
        'backup',
      ]);
    } catch (error) {
      return error;
    }
    return undefined;
  };
  expect(remove([])).toBeUndefined();
  expect(remove(['report'])).toMatchObject({
    message: 'backup cannot be deleted: report runs after it',
    hint: expect.stringMatching(/ds cron edit report --after JOB; .* ds cron delete backup report --yes$/),
    details: { job: 'backup', followers: 'report' },
  });
  expect(remove(['a', 'b'])).toMatchObject({ message: 'backup cannot be deleted: a, b run after it' });
  expect(remove(['a', 'b', 'c', 'd', 'e'])).toMatchObject({
    message: 'backup cannot be deleted: a, b, c and 2 more run after it',
  });
});

it('rests while paused, up to the end of the pause, and in windows, whose end is not part of them', () => {
  const none = { paused: false, reason: undefined, until: undefined };
  const windows = [
    { from: 100, until: 200, reason: 'holidays' },
    { from: 300, until: 400 },
  ];
  const rests = [99, 100, 199, 200, 300].map((at) => restsAt(at, none, windows));
  expect(rests).toEqual([
    undefined,
    'in a pause window: holidays',
    'in a pause window: holidays',
    undefined,
    'in a pause window',
  ]);
  expect(restsAt(50, { ...none, paused: true }, windows)).toBe('paused');
  const until = { paused: true, reason: 'moving', until: 60 };
  expect([50, 60].map((at) => restsAt(at, until, windows))).toEqual(['paused: moving', undefined]);
});
