/**
 * What a transform remembers of each stream. Streams are the same when their labels are, whatever object comes with a batch; the object is
 * only a quick way to what is known. A sender may make up streams without end, so those that were met first go.
 */
import { type Labels, labelsKey } from '../labels.js';

const MOST_STREAMS = 10_000;

export class StreamStates<State> {
  readonly #byObject = new WeakMap<Labels, State>();
  readonly #byKey = new Map<string, State>();

  constructor(private readonly create: () => State) {}

  of(stream: Labels): State {
    const known = this.#byObject.get(stream);
    if (known !== undefined) return known;
    const key = labelsKey(stream);
    let state = this.#byKey.get(key);
    if (state === undefined) {
      state = this.create();
      this.#byKey.set(key, state);
      if (this.#byKey.size > MOST_STREAMS) this.#forgetFirst();
    }
    this.#byObject.set(stream, state);
    return state;
  }

  #forgetFirst(): void {
    for (const key of this.#byKey.keys()) {
      this.#byKey.delete(key);
      return;
    }
  }
}
