/**
 * What blocks are asked for `{app="shop"} | trace_id="4bf92f35"`: a value is one of the block's streams, or its tokens are in the filter, which
 * has those of metadata, too.
 */
import type { RequiredValue } from '../../entry-source.js';
import type { StreamLabels } from '../stream-labels.js';
import { FilterQuery } from './filter.js';

interface AskedValue extends RequiredValue {
  readonly tokens: FilterQuery;
}

export class ValueQuery {
  readonly #values: readonly AskedValue[];

  constructor(required: readonly RequiredValue[]) {
    this.#values = required
      .map(({ name, value }) => {
        const tokens = new FilterQuery([{ text: value, closedLeft: true, closedRight: true }]);
        return { name, value, tokens };
      })
      .filter(({ tokens }) => tokens.asks);
  }

  /** Whether it can rule any block out. */
  get asks(): boolean {
    return this.#values.length > 0;
  }

  /** False only where no entry of the block has all the values. */
  mayMatch(filter: Uint8Array, streams: Uint32Array, labels: StreamLabels): boolean {
    return this.#values.every(
      ({ name, value, tokens }) =>
        tokens.mayMatch(filter) || streams.some((stream) => labels.of(stream)[name] === value),
    );
  }
}
