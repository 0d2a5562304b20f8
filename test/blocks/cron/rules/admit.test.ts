import { expect, it } from 'vitest';
import { concurrencyPolicies } from '../../../../src/blocks/cron/job.js';
import { admit, admitExternal } from '../../../../src/blocks/cron/rules/admit.js';

/** By policy, for others that are: none, 1 going, 1 waiting, 1 and 1, 2 going, none and 2. */
const CROWDS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
  [2, 0],
  [0, 2],
] as const;
const q = 'queued';
const o = 'overlapped';

it.each([
  ['skip', [q, o, o, o, o, o]],
  ['buffer-one', [q, q, q, o, q, o]],
  ['buffer-all', [q, q, q, q, q, q]],
  ['cancel-other', [q, 'terminate', 'terminate', 'terminate', 'terminate', 'terminate']],
  ['terminate-other', [q, 'kill', 'kill', 'kill', 'kill', 'kill']],
  ['allow-all', [q, q, q, q, q, q]],
] as const)('%s admits as it says', (policy, expected) => {
  expect(concurrencyPolicies).toContain(policy);
  const found = CROWDS.map(([going, waiting]) => {
    const admission = admit(policy, { going, waiting });
    return admission.state === 'queued' ? (admission.displaces?.going ?? admission.state) : admission.state;
  });
  expect(found).toEqual(expected);
});

it('says what was in the way', () => {
  const reason = (going: number, waiting: number) => admit('skip', { going, waiting });
  expect(reason(1, 0)).toMatchObject({ reason: '1 run was going on' });
  expect(reason(0, 2)).toMatchObject({ reason: '2 runs were waiting' });
  expect(reason(2, 1)).toMatchObject({ reason: '2 runs were going on and 1 was waiting' });
});

it('takes the next slot of an external job for the end of the one before, and lets its run go on', () => {
  expect(admitExternal({ going: 1, waiting: 0 })).toEqual({ state: 'queued' });
  expect(admitExternal({ going: 1, waiting: 1 })).toEqual({ state: 'queued', displaces: { waiting: 'missed' } });
});
