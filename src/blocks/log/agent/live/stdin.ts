/** Standard input as a source: `-`. */
import type { Readable } from 'node:stream';
import type { Clock } from '../../../../platform/clock.js';
import { makeLabels } from '../../labels.js';
import type { Framer } from '../framing/framing.js';
import type { Source } from '../source.js';
import { readLines } from './line-stream.js';

export function stdinSource(input: Readable, framer: Framer, clock: Clock): Source {
  const labels = makeLabels([['source', 'stdin']]);
  return {
    name: '-',
    run: (take, signal) => readLines({ input, labels, framer, clock, take, signal }),
  };
}
