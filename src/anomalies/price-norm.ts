/**
 * How dear the models are that one caller uses: the mean of their prices' logarithms, minute by minute, so that one busy
 * minute with another model is one minute. In logarithms a model at a hundredth of the price counts as much as one at a
 * hundredfold.
 */

const memoryMinutes = 10_080;
const fewestMinutes = 30;

export interface PriceNormState {
  /** Natural logarithm of the price. */
  mean: number;
  /** Minutes with a known price. */
  minutes: number;
  /** Of this minute: logarithms weighted by tokens, and their weights. */
  sum: number;
  tokens: number;
}

export class PriceNorm {
  readonly state: PriceNormState;

  constructor(state: PriceNormState = { mean: 0, minutes: 0, sum: 0, tokens: 0 }) {
    this.state = state;
  }

  /** In the unit of what was added; undefined while too little is known. */
  get usual(): number | undefined {
    return this.state.minutes < fewestMinutes ? undefined : Math.exp(this.state.mean);
  }

  /** @param price more than 0 */
  add(price: number, tokens: number): void {
    this.state.sum += Math.log(price) * tokens;
    this.state.tokens += tokens;
  }

  forgetMinute(): void {
    this.state.sum = 0;
    this.state.tokens = 0;
  }

  /** @param isDisturbed an anomaly is under way */
  learnMinute(isDisturbed: boolean): void {
    const { state } = this;
    if (state.tokens <= 0) return;
    state.minutes++;
    const slow = 1 / memoryMinutes;
    const rate = isDisturbed ? slow : Math.max(1 / state.minutes, slow);
    state.mean += rate * (state.sum / state.tokens - state.mean);
    this.forgetMinute();
  }
}
