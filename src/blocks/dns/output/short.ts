/** What `+short` prints: the data of the answers, one a line. */
import type { Message } from '../wire.js';
import { digData } from './dig-data.js';
import type { DigReport } from './dig-message.js';
import type { DigStyle } from './dig-style.js';

/** `identify` tells which server it was, and how long it took. */
export function shortLines({ answers }: Pick<Message, 'answers'>, style: DigStyle, identify?: DigReport): string[] {
  // As dig: one line a record, whatever +multiline says.
  const inOneLine = { ...style, multiline: false, recordComments: false };
  const behind =
    identify === undefined ? '' : ` from server ${identify.address} in ${Math.floor(identify.elapsedMs)} ms.`;
  return answers.map((record) => `${digData(record, inOneLine)}${behind}`);
}
