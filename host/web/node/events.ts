/**
 * The part of Node's EventEmitter that host/client uses, for a browser.
 */
type Listener = (...args: never[]) => void;

export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(name: string, listener: Listener): this {
    this.#listeners.set(name, [...this.#of(name), listener]);
    return this;
  }

  once(name: string, listener: Listener): this {
    const once = (...args: never[]) => {
      this.off(name, once);
      listener(...args);
    };
    return this.on(name, once);
  }

  off(name: string, listener: Listener): this {
    this.#listeners.set(
      name,
      this.#of(name).filter(each => each !== listener),
    );
    return this;
  }

  emit(name: string, ...args: never[]): boolean {
    const listeners = this.#of(name);
    for (const listener of listeners) listener(...args);
    return listeners.length > 0;
  }

  listenerCount(name: string): number {
    return this.#of(name).length;
  }

  #of(name: string): Listener[] {
    return this.#listeners.get(name) ?? [];
  }
}
