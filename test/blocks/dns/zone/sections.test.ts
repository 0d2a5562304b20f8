import { describe, expect, test } from 'vitest';
import { makeMessage, Rcode, readMessage, writeMessage } from '../../../../src/blocks/dns/wire.js';
import { respond } from './respond.js';
import { questionOf, serve, show, zoneOf } from './zones.js';

const zones = serve(zoneOf('shop.test.', 'www 60 A 192.0.2.1\nwww 60 A 192.0.2.2\nsub NS ns.sub\nns.sub A 192.0.2.3'));
const query = (...questions: readonly string[]) =>
  makeMessage({ id: 4711, recursionDesired: true, checkingDisabled: true, questions: questions.map(questionOf) });

describe('a response', () => {
  test('has the id, question, RD and CD of its query, QR and AA, and never RA', () => {
    const asked = query('WWW.shop.test. A');
    expect(respond(zones, asked)).toMatchObject({
      id: 4711,
      response: true,
      opcode: 0,
      authoritative: true,
      truncated: false,
      recursionDesired: true,
      recursionAvailable: false,
      authenticData: false,
      checkingDisabled: true,
      rcode: Rcode.NOERROR,
      questions: asked.questions,
      authorities: [],
      additionals: [],
    });
  });

  test('has the records of each RRset, in their order', () => {
    const { answers } = respond(zones, query('www.shop.test. A'));
    expect(answers.map(show)).toEqual(['www.shop.test. 60 A 192.0.2.1', 'www.shop.test. 60 A 192.0.2.2']);
    const { answers: none, authorities, additionals, authoritative } = respond(zones, query('a.sub.shop.test. A'));
    expect({ none, authoritative }).toEqual({ none: [], authoritative: false });
    expect(authorities.map(show)).toEqual(['sub.shop.test. 3600 NS ns.sub.shop.test.']);
    expect(additionals.map(show)).toEqual(['ns.sub.shop.test. 3600 A 192.0.2.3']);
  });

  test('goes over the wire and back', () => {
    const response = respond(zones, query('www.shop.test. A'));
    expect(readMessage(writeMessage(response)).answers.map(show)).toEqual(response.answers.map(show));
  });
});
