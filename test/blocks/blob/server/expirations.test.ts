import { expect, test } from 'vitest';
import { codeOf, serve } from './serve.js';

const DAY_MS = 86_400_000;

const rule = (filter: string, days: number, id = '') =>
  `<Rule>${id}<Status>Enabled</Status><Filter>${filter}</Filter><Expiration><Days>${days}</Days></Expiration></Rule>`;
const lifecycle = (...rules: readonly string[]) => `<LifecycleConfiguration>${rules.join('')}</LifecycleConfiguration>`;
const tag = '<Tag><Key>k</Key><Value>v</Value></Tag>';

test('whoever writes or reads an object is told when it expires, by the rule that comes first', async () => {
  const { ask } = await serve();
  await ask('PUT', '/shop');
  const expiry = async (...request: Parameters<typeof ask>) => {
    const header = String((await ask(...request)).headers['x-amz-expiration']);
    const [, date = '', id] = /^expiry-date="([^"]+ GMT)", rule-id="([^"]+)"$/.exec(header) ?? [];
    return [Date.parse(date) % DAY_MS, Math.floor((Date.parse(date) - Date.now()) / DAY_MS), id];
  };
  const none = [Number.NaN, Number.NaN, undefined];
  expect(await expiry('PUT', '/shop/a', { body: 'x' })).toEqual(none);
  const rules = [rule('', 30, '<ID>a month, at most</ID>'), rule('<Prefix>b/</Prefix>', 2), rule(tag, 1)];
  expect((await ask('PUT', '/shop?lifecycle', { body: lifecycle(...rules) })).status).toBe(200);
  const month = [0, 30, 'a%20month%2C%20at%20most'];
  expect(await expiry('HEAD', '/shop/a')).toEqual(month);
  expect(await expiry('PUT', '/shop/b/1', { body: 'x' })).toEqual([0, 2, 'rule-2']);
  const tagged = { 'x-amz-tagging': 'k=v' };
  expect(await expiry('PUT', '/shop/b/2', { body: 'x', headers: tagged })).toEqual([0, 1, 'rule-3']);
  expect(await expiry('GET', '/shop/b/2')).toEqual([0, 1, 'rule-3']);
  const copied = { headers: { 'x-amz-copy-source': 'shop/b/2' } };
  expect(await expiry('PUT', '/shop/c', copied)).toEqual([0, 1, 'rule-3']);
  const uploadId = /<UploadId>(.*)<\/UploadId>/.exec((await ask('POST', '/shop/d?uploads')).text)?.[1];
  const etag = (await ask('PUT', `/shop/d?partNumber=1&uploadId=${uploadId}`, { body: 'x' })).headers['etag'];
  const part = `<Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part>`;
  const body = `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`;
  expect(await expiry('POST', `/shop/d?uploadId=${uploadId}`, { body })).toEqual(month);
  await ask('DELETE', '/shop?lifecycle');
  expect(await expiry('GET', '/shop/b/2')).toEqual(none);
});

test('rules without a name get one that stays, and that no other rule has', async () => {
  const { ask } = await serve();
  await ask('PUT', '/shop');
  const named = lifecycle(rule('', 1, '<ID>rule-2</ID>'));
  await ask('PUT', '/shop?lifecycle', { body: named });
  expect((await ask('GET', '/shop?lifecycle')).text).toBe(named);
  const rules = lifecycle(rule('', 1, '<ID>rule-2</ID>'), rule('<Prefix>a&amp;b</Prefix>', 2), rule(tag, 3, '<ID/>'));
  await ask('PUT', '/shop?lifecycle', { body: rules });
  const { text } = await ask('GET', '/shop?lifecycle');
  expect([...text.matchAll(/<ID>(.*?)<\/ID>/g)].map(([, id]) => id)).toEqual(['rule-2', 'rule-2-', 'rule-3']);
  expect(text).toContain(rule('<Prefix>a&amp;b</Prefix>', 2, '<ID>rule-2-</ID>'));
  expect((await ask('PUT', '/shop?lifecycle', { body: text })).status).toBe(200);
  expect((await ask('GET', '/shop?lifecycle')).text).toBe(text);
  const twice = lifecycle(rule('', 1, '<ID>a</ID>'), rule('', 2, '<ID>a</ID>'));
  expect(codeOf(await ask('PUT', '/shop?lifecycle', { body: twice }))).toBe('InvalidArgument');
});
