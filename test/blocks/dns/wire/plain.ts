import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import type { Message } from '../../../../src/blocks/dns/wire.js';

/** A message as plain data, to be compared. Owners take over the case of a name before them; all else is kept to the octet. */
export function plain({ questions, answers, authorities, additionals, ...rest }: Message) {
  return {
    ...rest,
    questions: questions.map(({ name, ...common }) => ({ name: name.toString(), ...common })),
    answers: answers.map(plainRecord),
    authorities: authorities.map(plainRecord),
    additionals: additionals.map(plainRecord),
  };
}

function plainRecord({ name, rdata, ...common }: ResourceRecord) {
  return { name: name.lowerCase().toString(), rdata: Buffer.from(rdata).toString('hex'), ...common };
}
