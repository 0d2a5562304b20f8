import { expect, test } from 'vitest';
import { Gate } from '../../../../../src/blocks/dns/server/transfer/gate.js';
import { TransferSlots } from '../../../../../src/blocks/dns/server/transfer/slots.js';
import { waitFor } from '../../../../helpers/wait-for.js';

test('transfers are bounded by peer and in all; a slot that is given back is free once', () => {
  const slots = new TransferSlots();
  const first = slots.take('192.0.2.1');
  for (let i = 0; i < 3; i++) slots.take('192.0.2.1');
  expect(slots.hasRoom('192.0.2.1')).toBe(false);
  expect(slots.hasRoom('192.0.2.2')).toBe(true);
  first();
  first();
  expect(slots.hasRoom('192.0.2.1')).toBe(true);
  expect(slots.taken).toBe(3);
  for (let i = 0; i < 7; i++) slots.take(`198.51.100.${i}`);
  expect(slots.hasRoom('203.0.113.1')).toBe(false);
});

test('a gate lets so many in at once, the others in their order', async () => {
  const gate = new Gate(2);
  const { signal } = new AbortController();
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (id: number) => () => {
    begun.push(id);
    return new Promise<number>((resolve) => ends.push(() => resolve(id)));
  };
  const all = [1, 2, 3, 4].map((id) => gate.run(work(id), signal));
  await waitFor(() => begun.length === 2);
  ends[1]?.();
  await waitFor(() => begun.length === 3);
  ends[0]?.();
  await waitFor(() => begun.length === 4);
  for (const end of ends) end();
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4]);
  expect(begun).toEqual([1, 2, 3, 4]);
});

test('whoever waits at a gate may leave; what fails lets the next one in', async () => {
  const gate = new Gate(1);
  const leaving = new AbortController();
  let fail: (error: Error) => void = () => {};
  const failing = gate.run(() => new Promise((_, reject) => (fail = reject)), new AbortController().signal);
  const left = gate.run(async () => 'never', leaving.signal);
  const next = gate.run(async () => 'next', new AbortController().signal);
  leaving.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  fail(new Error('broken'));
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('next');
});
