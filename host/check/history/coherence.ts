/**
 * Whether the events of a recorded history can have happened one behind the other: a connection begins before anything comes of it, a message
 * is published once and before it is acknowledged. A recorder that gets this wrong would be judged by something that it did not mean.
 */
import type { HistoryEvent, Publish } from "./event.ts";

interface Known {
  readonly client: string;
  isConnected: boolean;
  isEnded: boolean;
}

export class Coherence {
  readonly #connections = new Map<number, Known>();
  readonly #published = new Map<string, Publish>();
  /** Whose will it is. */
  readonly #willed = new Map<string, string>();
  readonly #asked = new Set<string>();
  #isDown = false;

  /** What cannot be, in words; undefined where all is well, and then the event is remembered. */
  fault(event: HistoryEvent): string | undefined {
    if (event.kind === "server down" || event.kind === "server up") {
      const isDown = event.kind === "server down";
      if (isDown === this.#isDown) return isDown ? "the server is down already" : "the server is not down";
      this.#isDown = isDown;
      return undefined;
    }
    if (event.client === "")
      return `client of "${event.kind}" is the client identifier, which is empty only for the server`;
    return this.#connectionFault(event) ?? this.#contentFault(event);
  }

  #connectionFault(event: HistoryEvent): string | undefined {
    const { kind, connection, client } = event;
    const known = this.#connections.get(connection);
    if (kind === "connecting") {
      if (connection === 0) return "connections are numbered from 1";
      if (known !== undefined)
        return `connection ${connection} is ${known.client}'s already: each CONNECT has a number of its own`;
      this.#connections.set(connection, { client, isConnected: false, isEnded: false });
      return undefined;
    }
    if (connection === 0) {
      const isAside = kind === "publish" || kind === "published" || kind === "subscribe" || kind === "unsubscribe";
      return isAside ? undefined : `"${kind}" happens on a connection, and 0 is none`;
    }
    if (known === undefined) return `no line above has "connecting" with connection ${connection}`;
    if (known.client !== client) return `connection ${connection} is ${known.client}'s, not ${client}'s`;
    if (kind === "dropped") return known.isEnded ? undefined : `connection ${connection} is not "ended" yet`;
    if (known.isEnded)
      return `connection ${connection} has "ended" above; behind that it is 0 until the next "connecting"`;
    if (kind === "ended") known.isEnded = true;
    if (kind === "connected") {
      if (known.isConnected) return `connection ${connection} is "connected" already`;
      known.isConnected = true;
    } else if ((kind === "received" || kind === "subscribed" || kind === "published") && !known.isConnected) {
      return `connection ${connection} is not "connected" yet`;
    }
    return undefined;
  }

  #contentFault(event: HistoryEvent): string | undefined {
    switch (event.kind) {
      case "connecting": {
        if (event.will === undefined) return undefined;
        const { id } = event.will;
        if (id === "") return "a will has an id, which begins its payload";
        if (this.#published.has(id) || (this.#willed.get(id) ?? event.client) !== event.client) return taken(id);
        this.#willed.set(id, event.client);
        return undefined;
      }
      case "publish":
        if (event.id === "") return "a message has an id, which begins its payload";
        if (this.#published.has(event.id) || this.#willed.has(event.id)) return taken(event.id);
        this.#published.set(event.id, event);
        return undefined;
      case "published": {
        const message = this.#published.get(event.id);
        if (message === undefined) return `no line above has "publish" with id ${JSON.stringify(event.id)}`;
        if (message.client !== event.client) return `${message.client} has published ${event.id}, not ${event.client}`;
        return undefined;
      }
      case "subscribe":
        this.#asked.add(`${event.client}\0${event.filter}`);
        return undefined;
      case "subscribed":
        if (this.#asked.has(`${event.client}\0${event.filter}`)) return undefined;
        return `no line above has "subscribe" of ${event.client} with filter ${JSON.stringify(event.filter)}`;
      default:
        return undefined;
    }
  }
}

function taken(id: string): string {
  return `another message has the id ${JSON.stringify(id)}: it would not be known from this one`;
}
