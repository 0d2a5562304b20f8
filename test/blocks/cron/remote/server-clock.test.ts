import { expect, it } from 'vitest';
import { ServerClock } from '../../../../src/blocks/cron/remote/postgres/server-clock.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

/** A server that is `ahead` of this machine, asked over a way of so many milliseconds there and so many back. */
function world(ahead: number) {
  const clock = new ManualClock(1_000_000);
  const server = new ServerClock(clock);
  const state = { ahead };
  const ask = (there: number, back: number) => {
    const sentAt = clock.monotonic();
    clock.advance(there);
    const answer = clock.now() + state.ahead;
    clock.advance(back);
    server.learn(answer, sentAt);
  };
  return { clock, state, ask, error: () => server.now() - clock.now() - state.ahead };
}

it('is carried on between answers, and keeps the best of them', () => {
  const { clock, ask, error } = world(3_600_000);
  ask(1, 1);
  expect(error()).toBe(0);
  clock.advance(5_000);
  // A slow one, all of it on the way back, would be off by 100 ms.
  ask(0, 200);
  expect(error()).toBe(0);
  ask(2, 0);
  expect(Math.abs(error())).toBeLessThanOrEqual(1);
});

it('trusts an answer that is not so good when the one it has is old', () => {
  const { clock, ask, error } = world(-500);
  ask(0, 0);
  clock.advance(600_000);
  ask(0, 20);
  expect(error()).toBe(-10);
});

it('follows at once when a clock was stepped or this machine slept', () => {
  const { clock, state, ask, error } = world(0);
  ask(0, 0);
  state.ahead = -7_200_000;
  ask(30, 30);
  expect(error()).toBe(0);
  clock.step(3_600_000);
  ask(0, 0);
  expect(error()).toBe(0);
});
