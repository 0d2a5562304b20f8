/** What the daemon counts: plain numbers where queries are answered; metrics.ts gives them to whoever scrapes. */
import { rcodeName, typeName } from '../wire.js';
import type { Client } from './client.js';
import type { Counter } from './hot-answers.js';

/** Where an answer came from. */
export type Source = 'zone' | 'cache' | 'forwarded' | 'refused';

export interface AnswerCount extends Counter {
  readonly type: string;
  readonly rcode: string;
  readonly source: Source;
}

/** Types in their own right: the rest counts together, or a peer could make as many counters as there are numbers. */
const isNamed = (type: number) => !typeName(type).startsWith('TYPE');

export class DnsCounts {
  /** Responses by question type, response code and source. */
  readonly answers = new Map<string, AnswerCount>();
  readonly queries: Record<Client['transport'], number> = { udp: 0, tcp: 0, tls: 0, https: 0 };
  /** Packets that got no response: shorter than a header, or responses themselves. */
  dropped = 0;
  /** Messages that broke the wire format. */
  malformed = 0;
  /** Responses that did not fit and were cut (TC). */
  truncated = 0;
  /** Answered from finished octets. */
  hot = 0;

  answer(type: number | undefined, rcode: number, source: Source): AnswerCount {
    const name = type === undefined ? 'none' : isNamed(type) ? typeName(type) : 'other';
    const key = `${name} ${rcode} ${source}`;
    let counter = this.answers.get(key);
    if (counter === undefined) {
      counter = { type: name, rcode: rcodeName(rcode), source, count: 0 };
      this.answers.set(key, counter);
    }
    return counter;
  }
}
