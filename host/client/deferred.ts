/**
 * A promise and what settles it, apart from each other. Node 20 has no Promise.withResolvers.
 */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits hears of it; that nobody does is no fault of the process.
    this.promise.catch(() => {});
  }
}
