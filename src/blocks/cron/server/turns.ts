/** Work on the same thing is done one after the other, on different things side by side. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  async take<Result>(thing: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(thing);
    const result = before === undefined ? work() : before.then(work);
    const over = result.then(
      () => {},
      () => {},
    );
    this.#last.set(thing, over);
    try {
      return await result;
    } finally {
      if (this.#last.get(thing) === over) this.#last.delete(thing);
    }
  }
}
