import { expect, test } from 'vitest';
import { planTransfer } from '../../../../../src/blocks/dns/server/transfer/plan.js';
import type { ChangeSummary } from '../../../../../src/blocks/dns/store/zone-store.js';

const change = (number: number, records: number): ChangeSummary => ({
  number,
  kind: 'edit',
  serialBefore: number - 1,
  serial: number,
  at: 0,
  source: '',
  comment: '',
  removed: 0,
  added: records,
  journalled: true,
});
const zone = { serial: 10, records: 100 };
const never = () => {
  throw new Error('the journal is not asked');
};

test('AXFR is the whole zone', () => {
  expect(planTransfer(zone, undefined, never)).toEqual({ form: 'whole' });
});

test('the present serial and later ones get the SOA alone (RFC 1995, section 2)', () => {
  expect(planTransfer(zone, 10, never).form).toBe('current');
  expect(planTransfer(zone, 11, never).form).toBe('current');
  expect(planTransfer({ ...zone, serial: 2 ** 32 - 1 }, 0, never).form, 'past the end of the circle').toBe('current');
});

test('what the journal reaches is sent as differences', () => {
  const changes = [change(9, 3), change(10, 4)];
  expect(planTransfer(zone, 8, (serial) => (serial === 8 ? changes : undefined))).toEqual({
    form: 'incremental',
    changes,
    records: 3 + 2 + 4 + 2,
  });
});

test('of the same length, differences are sent', () => {
  expect(planTransfer(zone, 8, () => [change(9, 60), change(10, 35)]).form).toBe('incremental');
});

test('what it does not reach, or what is more than the zone, is sent whole (RFC 1995, section 5)', () => {
  expect(planTransfer(zone, 7, () => undefined)).toEqual({ form: 'whole' });
  expect(planTransfer(zone, 8, () => [change(9, 60), change(10, 36)])).toEqual({ form: 'whole' });
});
