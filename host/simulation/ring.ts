/**
 * Numbers by index, of which only those from a moving start on are kept: when each message was asked for, until it has arrived.
 * It grows to the most that was ever waited for, and allocates nothing after that.
 */
const INITIAL_CAPACITY = 4;

export class Ring {
  private values = new Float64Array(INITIAL_CAPACITY);
  private start = 0;
  private end = 0;

  /** Appends the value of the next index. */
  push(value: number): void {
    if (this.end - this.start === this.values.length) this.grow();
    this.values[this.end & (this.values.length - 1)] = value;
    this.end += 1;
  }

  /** The value at `index`, or -1 where it is not kept. */
  at(index: number): number {
    return index < this.start || index >= this.end ? -1 : this.values[index & (this.values.length - 1)];
  }

  /** Forgets what stands below `index`. */
  forgetBelow(index: number): void {
    if (index > this.start) this.start = Math.min(index, this.end);
  }

  private grow(): void {
    const wider = new Float64Array(this.values.length * 2);
    for (let index = this.start; index < this.end; index += 1) {
      wider[index & (wider.length - 1)] = this.values[index & (this.values.length - 1)];
    }
    this.values = wider;
  }
}
