import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  demandsOf,
  describePolicies,
  type PolicyRequest,
  parsePolicies,
} from '../../../../src/blocks/limit/policy/index.js';

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly client?: string;
}

const request = ({ headers = {}, ...rest }: Asked = {}): PolicyRequest => ({
  method: 'GET',
  path: '/',
  host: 'shop.test',
  client: '203.0.113.7',
  header: (name) => headers[name],
  ...rest,
});

const demands = (yaml: string, asked: Asked = {}) => demandsOf(parsePolicies(yaml, 'p.yaml'), request(asked));
const key = (yaml: string, asked: Asked = {}) => demands(yaml, asked)[0]?.key;
const applies = (match: string, asked: Asked) =>
  demands(`policies: [{name: p, match: ${match}, limits: [{rate: 1/s}]}]`, asked).length === 1;

const SHOP = `
policies:
  - name: login
    match: {path: /login, method: POST}
    key: [client]
    limits:
      - {name: burst, rate: 5/min, burst: 2}
      - {rate: 100/d, algorithm: fixed-window, cost: 3}
  - name: everything
    key: []
    limits: [{rate: 1000/s}]
    shadow: true
`;

describe('policies', () => {
  test('that match all apply, each of their limits with a scope of its own', () => {
    expect(demands(SHOP, { method: 'POST', path: '/login' })).toMatchObject([
      { scope: 'login/burst', key: '203.0.113.7', cost: 1, limit: { count: 5, periodUs: 60e6, burst: 2 } },
      { scope: 'login/2', key: '203.0.113.7', cost: 3, limit: { count: 100, algorithm: 'fixed-window' } },
      { scope: 'everything/1', key: '*', shadow: true },
    ]);
    expect(demands(SHOP, { path: '/login' }).map(({ scope }) => scope)).toEqual(['everything/1']);
    expect(demands(SHOP, {})[0]).not.toHaveProperty('lease');
  });

  test('are described as plain data', () => {
    expect(JSON.parse(JSON.stringify(describePolicies(parsePolicies(SHOP, 'p.yaml'))))).toEqual([
      {
        name: 'login',
        match: { path: ['/login'], method: ['POST'] },
        key: ['client'],
        ipv4_prefix: 32,
        ipv6_prefix: 64,
        shadow: false,
        limits: [
          { name: 'burst', scope: 'login/burst', rate: '5/min', burst: 2, algorithm: 'gcra', cost: 1 },
          { name: '2', scope: 'login/2', rate: '100/d', burst: 100, algorithm: 'fixed-window', cost: 3 },
        ],
      },
      {
        name: 'everything',
        match: {},
        key: [],
        ipv4_prefix: 32,
        ipv6_prefix: 64,
        shadow: true,
        limits: [{ name: '1', scope: 'everything/1', rate: '1000/s', burst: 1000, algorithm: 'gcra', cost: 1 }],
      },
    ]);
  });

  test('may share what they have in common by YAML aliases', () => {
    const yaml = 'policies: [{name: a, limits: &l [{rate: 1/s}]}, {name: b, limits: *l}]';
    expect(demands(yaml).map(({ scope }) => scope)).toEqual(['a/1', 'b/1']);
  });
});

describe('a policy file is refused with its line:', () => {
  test.each([
    ['policies:\n  - name: a\n    limit: []', 3, '"limit"', 'did you mean limits?'],
    ['policies:\n  - name: a\n    limits: [{rat: 1/s}]', 3, '"rat"', 'did you mean rate?'],
    ['policies:\n  - name: a\n    limits: [{rate: 0/s}]', 3, 'lets nothing through', undefined],
    ['policies:\n  - name: a\n    limits: [{rate: 5/min/day}]', 3, 'is not a rate', '5/min'],
    ['policies:\n  - name: a\n    limits:\n      - {rate: 1/s, algorithm: gcr}', 4, '"gcr"', 'did you mean gcra?'],
    ['policies:\n  - name: a\n    limits: [{rate: 1/s, algorithm: fixed-window, burst: 5}]', 3, 'no burst', undefined],
    ['policies:\n  - name: a\n    limits: [{rate: 5/s, cost: 6}]', 3, 'a cost of 6', undefined],
    ['policies:\n  - name: a\n    limits: [{rate: 5/s, cost: -1}]', 3, '"-1"', undefined],
    ['policies:\n  - name: a\n    limits: []', 2, 'no limits', 'limits:'],
    ['policies:\n  - limits: [{rate: 1/s}]', 2, 'needs a name', undefined],
    ['policies:\n  - name: a/b\n    limits: [{rate: 1/s}]', 2, '"a/b"', undefined],
    [
      'policies:\n  - {name: a, limits: [{rate: 1/s}]}\n  - {name: a, limits: [{rate: 1/s}]}',
      3,
      'two policies are called a',
      undefined,
    ],
    [
      'policies:\n  - {name: a, limits: [{name: x, rate: 1/s}, {name: x, rate: 2/s}]}',
      2,
      'two limits are called a/x',
      undefined,
    ],
    ['policies:\n  - name: a\n    match: {paht: /}\n    limits: [{rate: 1/s}]', 3, '"paht"', 'did you mean path?'],
    ['policies:\n  - name: a\n    match: {path: login}\n    limits: [{rate: 1/s}]', 3, 'begin with /', 'path: /login'],
    ['policies:\n  - name: a\n    key: [clinet]\n    limits: [{rate: 1/s}]', 3, '"clinet"', 'did you mean client?'],
    ['policies:\n  - name: a\n    key: ["header:"]\n    limits: [{rate: 1/s}]', 3, '"header:"', undefined],
    ['policies:\n  - name: a\n    ipv6_prefix: 129\n    limits: [{rate: 1/s}]', 3, '"129"', undefined],
    ['policies:\n  - name: a\n    shadow: maybe\n    limits: [{rate: 1/s}]', 3, 'true or false', undefined],
    ['policies:\n  - just words', 2, 'must be a mapping', undefined],
    ['policies: []', 1, 'no policies', undefined],
    ['polices: []', 1, '"polices"', 'did you mean policies?'],
    ['policies: {', 1, 'p.yaml:1', undefined],
    ['policies:\n  - name: a\n    name: b', 3, 'unique', undefined],
  ])('%j', (yaml, line, part, hint) => {
    let failure: unknown;
    try {
      parsePolicies(yaml, 'p.yaml');
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ code: 'limit.bad_policy', details: { path: 'p.yaml', line } });
    expect(failure).toMatchObject({ message: expect.stringContaining(part) });
    if (hint !== undefined) expect(failure).toMatchObject({ hint: expect.stringContaining(hint) });
  });

  test('one that is empty, or endless', () => {
    expect(() => parsePolicies('', 'p.yaml')).toThrow('no policies');
    expect(() => parsePolicies(`#${'x'.repeat(2 ** 20)}`, 'p.yaml')).toThrow('longer than');
  });
});

describe('a match', () => {
  test.each([
    ['{path: /login}', { path: '/login' }, true],
    ['{path: /login}', { path: '/login?next=/admin' }, true],
    ['{path: /login}', { path: '/login/' }, true],
    ['{path: /login}', { path: '/%6Cogin' }, true],
    ['{path: /login}', { path: '//login' }, true],
    ['{path: /login}', { path: '/a/../login' }, true],
    ['{path: /login}', { path: '/./login#top' }, true],
    ['{path: /login}', { path: 'http://shop.test/login' }, true],
    ['{path: /login}', { path: '/Login' }, false],
    ['{path: /login}', { path: '/logins' }, false],
    ['{path: "/a%2fb"}', { path: '/a%2Fb' }, true],
    ['{path: "/a%2fb"}', { path: '/a/b' }, false],
    ['{path: /api/*}', { path: '/api/users' }, true],
    ['{path: /api/*}', { path: '/api/users/7' }, false],
    ['{path: /api/*/posts}', { path: '/api/7/posts' }, true],
    ['{path: /api/**}', { path: '/api/users/7' }, true],
    ['{path: /api/**}', { path: '/api' }, true],
    ['{path: /api/**}', { path: '/apiary' }, false],
    ['{path: "/api/**/edit"}', { path: '/api/a/b/edit' }, true],
    ['{path: "**.php"}', { path: '/a/b.php' }, true],
    ['{path: /v?/x}', { path: '/v2/x' }, true],
    ['{path: /v?/x}', { path: '/v/x' }, false],
    ['{path: [/a, /b]}', { path: '/b' }, true],
    ['{method: [post, PUT]}', { method: 'PUT' }, true],
    ['{method: POST}', { method: 'GET' }, false],
    ['{host: "*.shop.test"}', { host: 'API.Shop.Test:8080' }, true],
    ['{host: "*.shop.test"}', { host: 'shop.test' }, false],
    ['{host: shop.test}', { host: 'shop.test.' }, true],
    ['{header: {X-Plan: free}}', { headers: { 'x-plan': 'free' } }, true],
    ['{header: {X-Plan: free}}', { headers: { 'x-plan': 'paid' } }, false],
    ['{header: {x-plan: "fr*"}}', { headers: { 'x-plan': 'friend' } }, true],
    ['{header: {x-plan: "*"}}', {}, false],
    ['{header: {x-debug: true}}', { headers: { 'x-debug': 'true' } }, true],
    ['{path: /a, method: POST}', { path: '/a' }, false],
    ['{}', {}, true],
  ])('%s of %j: %s', (match, asked, expected) => {
    expect(applies(match, asked)).toBe(expected);
  });

  test('takes no longer for a path that was made to be slow', () => {
    const startedAt = performance.now();
    expect(applies(`{path: "/${'**a'.repeat(20)}b"}`, { path: `/${'a'.repeat(8_000)}` })).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test('of a pattern without wildcards is the path itself', () => {
    const segments = fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(segments, segments, (pattern, path) => {
        const same = pattern.join('/') === path.join('/');
        expect(applies(`{path: "/${pattern.join('/')}"}`, { path: `/${path.join('/')}` })).toBe(same);
      }),
    );
  });
});

describe('a key', () => {
  const of = (parts: string, more = '') => `policies: [{name: p, key: ${parts}, ${more} limits: [{rate: 1/s}]}]`;

  test('is the client unless told', () => {
    expect(key('policies: [{name: p, limits: [{rate: 1/s}]}]')).toBe('203.0.113.7');
  });

  test.each([
    ['[client]', { client: '::ffff:203.0.113.7' }, '203.0.113.7'],
    ['[client]', { client: '2001:DB8:1:2:3:4:5:6' }, '2001:db8:1:2::/64'],
    ['[client]', { client: 'fe80::1%eth0' }, 'fe80::/64'],
    ['[client]', { client: '' }, '\\-'],
    ['[path]', { path: '//a/./b/?q=1' }, '/a/b'],
    ['[client, path]', { path: '/a' }, '203.0.113.7|/a'],
    ['[method, host]', { method: 'post', host: 'SHOP.test:80' }, 'POST|shop.test'],
    ['["header:X-Api-Key"]', { headers: { 'x-api-key': 'secret' } }, 'secret'],
    ['["header:X-Api-Key"]', {}, '\\-'],
    ['["header:X-Api-Key"]', { headers: { 'x-api-key': '' } }, '\\e'],
    ['["header:X-Api-Key"]', { headers: { 'x-api-key': '\\-' } }, '\\\\-'],
    ['["text:v2", client]', {}, 'v2|203.0.113.7'],
    ['[]', {}, '*'],
  ])('of %s for %j is %s', (parts, asked, expected) => {
    expect(key(of(parts), asked)).toBe(expected);
  });

  test('takes clients of one network for one, as wide as the policy says', () => {
    expect(key(of('[client]', 'ipv4_prefix: 24,'))).toBe('203.0.113.0/24');
    expect(key(of('[client]', 'ipv6_prefix: 48,'), { client: '2001:db8:1:2::1' })).toBe('2001:db8:1::/48');
  });

  test('of different values is different: no client counts as another', () => {
    const set = parsePolicies(of('["header:a", "header:b", "header:c"]'), 'p.yaml');
    const keyOf = (values: readonly (string | undefined)[]) => {
      const header = (name: string) => values[name.charCodeAt(0) - 97];
      return demandsOf(set, { ...request(), header })[0]?.key;
    };
    const value = fc.option(fc.stringMatching(/^[\\|e\-a]{0,3}$/), { nil: undefined });
    const values = fc.array(value, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(values, values, (left, right) => {
        const same = left.every((part, index) => part === right[index]);
        expect(keyOf(left) === keyOf(right)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });
});
