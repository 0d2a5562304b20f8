/** A question to a name server over UDP, and what its answer says. */
import { exchange } from '../../src/blocks/dns/client/exchange.js';
import { parseServer } from '../../src/blocks/dns/client/server-address.js';
import { Name } from '../../src/blocks/dns/name.js';
import { printRdata } from '../../src/blocks/dns/rdata/index.js';
import { makeMessage, parseType, RRClass, rcodeName, typeName } from '../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';

/** `server`: as a ready line gives it, `udp://127.0.0.1:1053`. Records as `60 A 10.0.0.7`, sorted; without any the code. */
export async function askDns(server: string, name: string, type: string): Promise<string[]> {
  const question = { name: Name.parse(name), type: parseType(type), class: RRClass.IN };
  const query = makeMessage({ questions: [question] });
  const options = { timeoutMs: 5000, retries: 0, clock: systemClock, random: systemRandom };
  const { response } = await exchange(parseServer(server), query, options);
  const answers = response.answers.map((one) => `${one.ttl} ${typeName(one.type)} ${printRdata(one.type, one.rdata)}`);
  return answers.length > 0 ? answers.sort() : [rcodeName(response.rcode)];
}
