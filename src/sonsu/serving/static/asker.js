// Asks as one writes: one question at a time, the newest wins, older ones are given up.

const PAUSE_MS = 90; // between questions while the pen is still down

export class Asker {
  /**
   * @param ask takes an AbortSignal, gives a promise of an answer.
   * @param on {answer, refusal}
   */
  constructor(ask, on) {
    this.ask = ask;
    this.on = on;
    this.under_way = null;
    this.again = null;
  }

  /** Something new is written: ask at once where the pen is up, now and then while it writes. */
  changed(penIsUp) {
    if (penIsUp) this.#go();
    else if (!this.under_way && !this.again) this.again = setTimeout(() => this.#go(), PAUSE_MS);
  }

  /** There is nothing to ask any more. */
  stop() {
    clearTimeout(this.again);
    this.again = null;
    this.under_way?.abort();
    this.under_way = null;
  }

  async #go() {
    this.stop();
    const question = (this.under_way = new AbortController());
    const started = performance.now();
    try {
      const answer = await this.ask(question.signal);
      if (this.under_way === question) this.on.answer(answer, started);
    } catch (error) {
      if (this.under_way === question && error.name !== "AbortError") this.#refused(error);
    } finally {
      if (this.under_way === question) this.under_way = null;
    }
  }

  #refused(error) {
    this.on.refusal(error);
    if (error.status === 503) this.again = setTimeout(() => this.#go(), 1000 * error.retryAfter_s);
  }
}
