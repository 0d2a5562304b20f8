import { pino } from 'pino';
import { expect, test } from 'vitest';
import { findRefusal, Refusals } from '../../../../src/blocks/blob/server/refusals.js';
import type { SignatureEvidence } from '../../../../src/blocks/blob/sigv4/evidence.js';
import { openTestStore } from '../store/open-test-store.js';

test('of a refused request that is longer than any client sends only what it was is kept', async () => {
  const { store, clock } = openTestStore();
  const refusals = new Refusals(store.file, clock, pino({ level: 'silent' }));
  const refused = { at: 1, code: 'AccessDenied', message: 'no', method: 'GET', path: '/shop/a' };
  const evidence = (text: string): SignatureEvidence => ({
    ...{ form: 'header', accessKeyId: 'A', dateTime: '20260101T000000Z', method: 'GET', path: '/shop/a', query: '' },
    ...{ scope: { day: '20260101', region: 'us-east-1', service: 's3' }, headers: [['x', text]], signedHeaders: ['x'] },
    ...{ payloadHash: '', canonicalRequest: text, stringToSign: '' },
  });
  refusals.keep({ requestId: 'short', ...refused, evidence: evidence('x'.repeat(8_000)) });
  refusals.keep({ requestId: 'long', ...refused, evidence: evidence('x'.repeat(30_000)) });
  refusals.keep({ requestId: 'longer', ...refused, path: '/'.repeat(30_000), message: '/'.repeat(30_000) });
  const stop = new AbortController();
  const running = refusals.run(stop.signal);
  stop.abort();
  await running;
  expect(findRefusal(store.file, 'short')?.evidence).toEqual(evidence('x'.repeat(8_000)));
  expect(findRefusal(store.file, 'long')).toEqual({ requestId: 'long', ...refused });
  expect(JSON.stringify(findRefusal(store.file, 'longer')).length).toBeLessThan(10_000);
});
