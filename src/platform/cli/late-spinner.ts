/** A spinner for what may turn out not to take any time: nothing is loaded or drawn before there is something to wait for. */
import type { Output, Spinner } from './output.js';

export class LateSpinner {
  readonly #out: Output;
  #spinner: Promise<Spinner> | undefined;

  constructor(out: Output) {
    this.#out = out;
  }

  /** Shows it as Output.spinner() does, or changes its text. */
  show(text: string): void {
    if (this.#spinner === undefined) this.#spinner = this.#out.spinner(text);
    else void this.#spinner.then((spinner) => spinner.text(text));
  }

  /** Leaves nothing on the screen. It may be shown again. */
  async stop(): Promise<void> {
    const spinner = await this.#spinner;
    this.#spinner = undefined;
    spinner?.stop();
  }
}
