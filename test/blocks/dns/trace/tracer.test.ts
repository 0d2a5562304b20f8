import { describe, expect, test } from 'vitest';
import { RRType } from '../../../../src/blocks/dns/wire.js';
import { show } from '../zone/zones.js';
import { type Internet, queriesOf, response, traceThrough } from './internet.js';

const ROOT = {
  '.': `@ NS ns.root.
    ns.root. A 10.0.0.1
    test. NS ns1.test.
    ns1.test. A 10.0.0.2
    other. NS ns.other.
    ns.other. A 10.0.0.5`,
};
const TEST = {
  'test.': `@ NS ns1
    ns1 A 10.0.0.2
    shop NS ns1.shop
    ns1.shop A 10.0.0.3
    far NS ns.hosting.other.`,
};
const SHOP = {
  'shop.test.': `@ NS ns1
    ns1 A 10.0.0.3
    www A 192.0.2.1
    web CNAME www
    away CNAME www.hosting.other.
    chicken CNAME egg.other.`,
};
const OTHER = {
  'other.': `@ NS ns
    ns A 10.0.0.5
    egg CNAME chicken.shop.test.
    ns.hosting A 10.0.0.6
    www.hosting A 192.0.2.7`,
};
const FAR = { 'far.test.': '@ NS ns.hosting.other.\nwww A 192.0.2.6' };

const INTERNET: Internet = {
  '10.0.0.1': ROOT,
  '10.0.0.2': TEST,
  '10.0.0.3': SHOP,
  '10.0.0.5': OTHER,
  '10.0.0.6': FAR,
};

describe('delegations', () => {
  test('are followed from the root down, and each zone says by whom it was told', async () => {
    const trace = await traceThrough(INTERNET, 'www.shop.test. A');
    expect(queriesOf(trace)).toEqual([
      '10.0.0.1 www.shop.test. A referral',
      '10.0.0.2 www.shop.test. A referral',
      '10.0.0.3 www.shop.test. A answer',
    ]);
    const zones = trace.steps.filter((step) => step.kind === 'zone');
    expect(zones.map(({ zone, why, told }) => [zone.toString(), why, told])).toEqual([
      ['.', 'hints', undefined],
      ['test.', 'referral', 1],
      ['shop.test.', 'referral', 2],
    ]);
    expect(trace.end.kind === 'answer' && trace.end.records.map(show)).toEqual(['www.shop.test. 60 A 192.0.2.1']);
    expect(trace.queries).toBe(3);
  });

  test('end with NXDOMAIN or NODATA from a server that has authority', async () => {
    const nosuch = await traceThrough(INTERNET, 'nosuch.shop.test. A');
    expect(nosuch.end).toMatchObject({ kind: 'nxdomain' });
    expect((await traceThrough(INTERNET, 'www.shop.test. MX')).end).toMatchObject({ kind: 'nodata' });
    expect((await traceThrough(INTERNET, 'nosuchtld. A')).queries).toBe(1);
  });

  test('a DS record is asked of the zone above (RFC 4035, 3.1.4.1)', async () => {
    const trace = await traceThrough(INTERNET, 'shop.test. DS');
    expect(queriesOf(trace)).toEqual(['10.0.0.1 shop.test. DS referral', '10.0.0.2 shop.test. DS nodata']);
  });

  test('a server without glue is looked up, from the nearest zone that is known', async () => {
    const trace = await traceThrough(INTERNET, 'www.far.test. A');
    expect(queriesOf(trace)).toEqual([
      '10.0.0.1 www.far.test. A referral',
      '10.0.0.2 www.far.test. A referral',
      '  10.0.0.1 ns.hosting.other. A referral',
      '  10.0.0.5 ns.hosting.other. A answer',
      '10.0.0.6 www.far.test. A answer',
    ]);
    expect(trace.steps).toContainEqual(expect.objectContaining({ kind: 'lookup', depth: 1, why: 'address' }));
  });

  test('glue for a name that lies elsewhere is not believed, but looked up', async () => {
    const lying = response({
      authorities: ['far.test. 60 NS ns.hosting.other.'],
      additionals: ['ns.hosting.other. 60 A 10.6.6.6'],
    });
    const trace = await traceThrough({ ...INTERNET, '10.0.0.2': lying }, 'www.far.test. A');
    expect(queriesOf(trace).at(-1)).toBe('10.0.0.6 www.far.test. A answer');
    expect(queriesOf(trace).join()).not.toContain('10.6.6.6');
  });
});

describe('aliases', () => {
  test('within a zone need no further query', async () => {
    const trace = await traceThrough(INTERNET, 'web.shop.test. A');
    expect(trace.queries).toBe(3);
    expect(trace.aliases.map(show)).toEqual(['web.shop.test. 60 CNAME www.shop.test.']);
    expect(trace.end).toMatchObject({ kind: 'answer' });
  });

  test('out of a zone begin anew', async () => {
    const trace = await traceThrough(INTERNET, 'away.shop.test. A');
    expect(queriesOf(trace)).toEqual([
      '10.0.0.1 away.shop.test. A referral',
      '10.0.0.2 away.shop.test. A referral',
      '10.0.0.3 away.shop.test. A alias',
      '10.0.0.1 www.hosting.other. A referral',
      '10.0.0.5 www.hosting.other. A answer',
    ]);
    expect(trace.end.kind === 'answer' && trace.end.records.map(show)).toEqual(['www.hosting.other. 60 A 192.0.2.7']);
  });

  test('in a circle are a failure that says so', async () => {
    const trace = await traceThrough(INTERNET, 'chicken.shop.test. A');
    expect(trace.end).toEqual({ kind: 'failed', why: 'the aliases lead in a circle, back to chicken.shop.test.' });
    expect(trace.aliases).toHaveLength(2);
  });

  test('without end are counted', async () => {
    const endless: Internet = {
      '10.0.0.1': (query) => {
        const name = query.questions[0]?.name.toString() ?? '';
        const next = `x${name}`.slice(-40);
        return response({ answers: [`${name} 60 CNAME y${next}`] }, { authoritative: true })(query);
      },
    };
    const trace = await traceThrough(endless, 'a.test. A');
    expect(trace.end).toMatchObject({ kind: 'failed', why: expect.stringContaining('16 aliases') });
  });
});

describe('servers that are of no use', () => {
  const delegating = (addresses: readonly string[]) => ({
    'test.': addresses.map((address, i) => `shop NS ns${i}.shop\nns${i}.shop A ${address}`).join('\n'),
  });

  test('are passed over, each with its reason', async () => {
    const internet: Internet = {
      '10.0.0.1': ROOT,
      '10.0.0.2': delegating(['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.4', '10.0.0.3']),
      '10.1.0.1': { 'elsewhere.': '@ NS ns' },
      '10.1.0.2': 'silent',
      '10.1.0.3': response({ authorities: ['. 60 NS ns.root.'] }),
      '10.1.0.4': response({ answers: ['www.shop.test. 60 A 192.0.2.66'] }),
      '10.0.0.3': SHOP,
    };
    const trace = await traceThrough(internet, 'www.shop.test. A');
    expect(queriesOf(trace).slice(2)).toEqual([
      '10.1.0.1 www.shop.test. A lame',
      '10.1.0.2 www.shop.test. A timeout',
      '10.1.0.3 www.shop.test. A lame',
      '10.1.0.4 www.shop.test. A lame',
      '10.0.0.3 www.shop.test. A answer',
    ]);
  });

  test('are asked last when their zone comes up again', async () => {
    const internet: Internet = {
      ...INTERNET,
      '10.0.0.2': delegating(['10.1.0.1', '10.0.0.3']),
      '10.1.0.1': 'silent',
      '10.0.0.5': { 'other.': '@ NS ns\negg CNAME www.shop.test.' },
    };
    const trace = await traceThrough(internet, 'chicken.shop.test. A');
    expect(queriesOf(trace)).toEqual([
      '10.0.0.1 chicken.shop.test. A referral',
      '10.0.0.2 chicken.shop.test. A referral',
      '10.1.0.1 chicken.shop.test. A timeout',
      '10.0.0.3 chicken.shop.test. A alias',
      '10.0.0.1 egg.other. A referral',
      '10.0.0.5 egg.other. A alias',
      '10.0.0.3 www.shop.test. A answer',
    ]);
  });

  test('all of them: the trace fails and names the zone', async () => {
    const trace = await traceThrough({ ...INTERNET, '10.0.0.3': 'silent' }, 'www.shop.test. A');
    expect(trace.end).toEqual({ kind: 'failed', why: 'no server of shop.test gave an answer for www.shop.test' });
  });

  test('a server that can only be asked for its own address is not asked', async () => {
    const internet: Internet = {
      '10.0.0.1': ROOT,
      '10.0.0.2': response({ authorities: ['shop.test. 60 NS ns.shop.test.'] }),
    };
    const trace = await traceThrough(internet, 'www.shop.test. A');
    expect(trace.end).toMatchObject({ kind: 'failed' });
    const skipped = trace.steps.filter((step) => step.kind === 'skipped');
    expect(skipped[0]?.why).toContain('can only be asked of itself');
  });

  test('two zones whose servers lie in each other end, too', async () => {
    const internet: Internet = {
      '10.0.0.1': {
        '.': '@ NS ns.root.\nns.root. A 10.0.0.1\na. NS ns.b.\nb. NS ns.a.',
      },
    };
    const trace = await traceThrough(internet, 'www.a. A');
    expect(trace.end).toMatchObject({ kind: 'failed' });
    expect(trace.queries).toBeLessThan(10);
  });

  test('a zone that is made to waste queries gets a hundred', async () => {
    let made = 0;
    const wasteful: Internet = {
      '10.0.0.1': (query) => {
        const name = query.questions[0]?.name.toString() ?? '';
        const zone = name.split('.').slice(-2).join('.');
        const servers = Array.from({ length: 10 }, () => `${zone} 60 NS n.z${made++}.`);
        return response({ authorities: servers })(query);
      },
    };
    const trace = await traceThrough(wasteful, 'www.a. A');
    expect(trace.queries).toBe(100);
    expect(trace.end).toMatchObject({ kind: 'failed', why: expect.stringContaining('100 queries') });
    expect(trace.steps.length).toBeLessThan(5_000);
  });
});

test('IPv4 is tried before IPv6, and only one family where that is wanted', async () => {
  const internet: Internet = {
    '10.0.0.1': { '.': '@ NS ns.root.\ntest. NS a.test.\na.test. AAAA 2001:db8::1\na.test. A 10.0.0.2' },
    '10.0.0.2': 'silent',
    '2001:db8::1': { 'test.': '@ NS a\nwww A 192.0.2.1' },
  };
  const both = await traceThrough(internet, 'www.test. A');
  expect(queriesOf(both).slice(1)).toEqual(['10.0.0.2 www.test. A timeout', '2001:db8::1 www.test. A answer']);
  const asked: number[] = [];
  const four = await traceThrough(internet, 'www.test. A', {
    family: 4,
    onAsk: (_server, _place, { type }) => asked.push(type),
  });
  expect(four.end).toMatchObject({ kind: 'failed' });
  expect(asked.every((type) => type === RRType.A)).toBe(true);
});
