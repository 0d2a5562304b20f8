import { describe, expect, it } from 'vitest';
import { clockSurprises, simulate } from '../../../../src/blocks/cron/simulate.js';
import { readJobSpec } from '../../../../src/blocks/cron/spec.js';

const FROM = Date.UTC(2027, 0, 1);
const TO = Date.UTC(2028, 0, 1);

const job = (name: string, schedule: string | undefined, raw: object = {}) =>
  readJobSpec({ name, schedule, command: 'x', ...raw }, '', { timeZone: 'UTC' });

describe('a simulation', () => {
  it('counts the slots of each job, by hour of the day, and those that come together', () => {
    const jobs = [
      job('noon', '0 12 * * *'),
      job('quarter', '*/15 * * * *'),
      job('monday', '0 12 * * mon'),
      job('every', '@every 12h'),
      job('boot', '@reboot'),
      job('asked', undefined),
    ];
    const { hours, minutes, ...rest } = simulate(jobs, {
      from: FROM,
      to: FROM + 7 * 86_400_000,
      timeZone: 'Asia/Tokyo',
    });
    expect(rest).toEqual({
      jobs: [
        { name: 'noon', kind: 'cron', slots: 7, first: Date.UTC(2027, 0, 1, 12), last: Date.UTC(2027, 0, 7, 12) },
        { name: 'quarter', kind: 'cron', slots: 672, first: FROM, last: Date.UTC(2027, 0, 7, 23, 45) },
        { name: 'monday', kind: 'cron', slots: 1, first: Date.UTC(2027, 0, 4, 12), last: Date.UTC(2027, 0, 4, 12) },
        { name: 'every', kind: 'every', slots: 13, first: Date.UTC(2027, 0, 1, 12), last: Date.UTC(2027, 0, 7, 12) },
        { name: 'boot', kind: 'boot', slots: 0 },
        { name: 'asked', kind: 'none', slots: 0 },
      ],
      slots: 693,
      collisions: 13,
      worst: expect.any(Array),
    });
    expect(rest.worst).toHaveLength(10);
    expect(rest.worst[0]).toEqual({
      at: Date.UTC(2027, 0, 4, 12),
      count: 4,
      jobs: ['noon', 'quarter', 'monday', 'every'],
    });
    expect(rest.worst[1]).toMatchObject({ at: Date.UTC(2027, 0, 1, 12), count: 3 });
    // Noon in London is nine in the evening there.
    expect(hours[21]).toBe(28 + 7 + 1 + 7);
    expect(hours.reduce((sum, count) => sum + count)).toBe(693);
    const quarters = [0, 15, 30, 45].map((minute) => minutes[minute]);
    expect(quarters).toEqual([168 + 7 + 1 + 13, 168, 168, 168]);
    expect(minutes.reduce((sum, count) => sum + count)).toBe(693);
    // Half an hour apart from the hours of UTC.
    const { minutes: halves } = simulate(jobs.slice(0, 1), { from: FROM, to: TO, timeZone: 'Asia/Kolkata' });
    expect(halves[30]).toBe(365);
  });

  it('ends where it would not, and says where', () => {
    const jobs = [job('a', '* * * * * *'), job('b', '0 0 * * *')];
    const { cutAt, slots, jobs: loads } = simulate(jobs, { from: FROM, to: TO, timeZone: 'UTC', mostSlots: 90_000 });
    expect(cutAt).toBe(FROM + 86_400_000);
    expect(slots).toBe(86_401);
    expect(loads[1]).toMatchObject({ slots: 1 });
  });
});

describe('changes of the clocks', () => {
  const berlin = (name: string, schedule: string, dst: string) => job(name, schedule, { tz: 'Europe/Berlin', dst });

  it('move a time that does not exist, leave it out, or make one run twice', () => {
    const gap = Date.UTC(2027, 2, 28, 1);
    const jobs = [
      berlin('vixie', '30 2 * * *', 'vixie'),
      berlin('skip', '30 2 * * *', 'skip'),
      berlin('both', '30 2 * * *', 'both'),
      berlin('often', '*/10 2 * * *', 'vixie'),
      berlin('wild', '30 * * * *', 'skip'),
      berlin('end', '0 2,3 * * *', 'vixie'),
      berlin('noon', '0 12 * * *', 'both'),
      job('utc', '30 2 * * *', { dst: 'both' }),
    ];
    const local = '2027-03-28T02:30:00';
    expect(clockSurprises(jobs, FROM, TO)).toEqual([
      { job: 'vixie', effect: 'moved', local, at: gap },
      { job: 'skip', effect: 'left out', local },
      { job: 'both', effect: 'moved', local, at: gap },
      { job: 'both', effect: 'twice', local: '2027-10-31T02:30:00', at: Date.UTC(2027, 9, 31, 0, 30) },
      { job: 'end', effect: 'left out', local: '2027-03-28T02:00:00' },
    ]);
  });

  it('are told of twenty times of a job, and that there are more', () => {
    const jobs = [berlin('each', '0-59 2 * * *', 'both'), berlin('few', '0-19 2 * * *', 'skip')];
    const told = clockSurprises(jobs, FROM, TO).map(
      ({ job: name, effect, more = false }) => `${name} ${effect} ${more}`,
    );
    const times = (count: number, text: string) => Array.from({ length: count }, () => text);
    expect(told).toEqual([
      ...['each moved false', ...times(18, 'each left out false'), 'each left out true'],
      ...[...times(19, 'each twice false'), 'each twice true', ...times(20, 'few left out false')],
    ]);
  });

  it('take a whole day from Apia', () => {
    const apia = job('apia', '0 9 * * *', { tz: 'Pacific/Apia' });
    expect(clockSurprises([apia], Date.UTC(2011, 11, 1), Date.UTC(2012, 0, 31))).toEqual([
      { job: 'apia', effect: 'left out', local: '2011-12-30T09:00:00' },
    ]);
  });
});
