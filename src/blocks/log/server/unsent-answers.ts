/**
 * Answers that are made and not taken yet. They are in memory, whoever reads how slowly; beyond a bound the tenant that has the most of it loses
 * its oldest one, so that nobody keeps others from asking by not reading.
 */

/** Bytes, as they are sent: eight of the largest. */
const MOST_UNSENT = 256 * 1024 * 1024;

/** What is to be known of an answer; {@link Call} is one. */
export interface Unsent {
  readonly grant: { readonly tenant: string };
  /** Bytes. */
  readonly answerSize: number;
  /** Resolves when it is taken, or the peer has gone. */
  readonly sent: Promise<void>;
  /** Ends the connection. */
  cut(): void;
}

export class UnsentAnswers {
  readonly #most: number;
  /** Oldest first. */
  readonly #answers = new Set<Unsent>();

  constructor(most = MOST_UNSENT) {
    this.#most = most;
  }

  /** Until it is sent or cut. */
  async hold(answer: Unsent): Promise<void> {
    this.#answers.add(answer);
    this.#cutToBound();
    await answer.sent;
    this.#answers.delete(answer);
  }

  #cutToBound(): void {
    for (;;) {
      const byTenant = new Map<string, number>();
      let all = 0;
      for (const { grant, answerSize } of this.#answers) {
        all += answerSize;
        byTenant.set(grant.tenant, (byTenant.get(grant.tenant) ?? 0) + answerSize);
      }
      if (all <= this.#most) return;
      const most = Math.max(...byTenant.values());
      const oldest = [...this.#answers].find(({ grant }) => byTenant.get(grant.tenant) === most);
      if (oldest === undefined) return;
      this.#answers.delete(oldest);
      oldest.cut();
    }
  }
}
