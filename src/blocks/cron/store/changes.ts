/** Whom to call when something has changed. Several changes of one turn of the event loop are one call. */
export class Changes {
  readonly #listeners = new Set<() => void>();
  #pending = false;

  on(listener: () => void): () => void {
    // A function of its own, so that one that is given twice is called twice and stopped twice.
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  get wanted(): boolean {
    return this.#listeners.size > 0;
  }

  tell(): void {
    if (this.#pending || !this.wanted) return;
    this.#pending = true;
    setImmediate(() => {
      this.#pending = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
