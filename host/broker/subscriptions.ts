/**
 * Who is subscribed to what: a tree with one node a level of a topic filter (4.7).
 *
 * A topic walks down at most two branches a level, its own name and `+`, so that matching costs what the depth and the
 * matches cost, however many other subscriptions there are. A subscriber that several filters match is found once, at
 * the highest QoS that any of them was granted [MQTT-3.3.5-1].
 */
import type { Qos } from "./codec/control.ts";
import type { Session } from "./session.ts";
import type { Topic } from "./topics.ts";

/** One receiver of a topic. */
export interface Route {
  readonly session: Session;
  qos: Qos;
}

type Subscribers = Map<Session, Qos>;

interface Node {
  children: Map<string, Node> | null;
  /** The child for `+`. */
  plus: Node | null;
  /** Those whose filter ends here. */
  own: Subscribers | null;
  /** Those whose filter goes on with `#`: they match this level too [MQTT-4.7.1-2]. */
  hash: Subscribers | null;
}

/** A topic with more receivers than this is matched anew each time: remembering it would cost more than it saves. */
const MAX_REMEMBERED_ROUTES = 256;

export class Subscriptions {
  /** Changes with every subscription, so that a remembered match is known to be old. */
  version = 0;
  count = 0;
  readonly #root: Node = newNode();
  #stamp = 0;

  /** Grants `qos`; replaces what the session had for the same filter [MQTT-3.8.4-3]. */
  add(filter: string, session: Session, qos: Qos): void {
    const levels = filter.split("/");
    const isHash = levels.at(-1) === "#";
    if (isHash) levels.pop();
    let node = this.#root;
    for (const level of levels) node = level === "+" ? plusOf(node) : childOf(node, level);
    const subscribers = isHash ? hashOf(node) : ownOf(node);
    if (!subscribers.has(session)) this.count++;
    subscribers.set(session, qos);
    this.version++;
  }

  /** Takes a subscription back. Nodes that nothing needs any more go with it. */
  remove(filter: string, session: Session): void {
    if (this.#removeBelow(this.#root, filter.split("/"), 0, session)) this.version++;
  }

  #removeBelow(node: Node, levels: string[], depth: number, session: Session): boolean {
    if (depth === levels.length) {
      const wasThere = this.#removeFrom(node.own, session);
      if (node.own?.size === 0) node.own = null;
      return wasThere;
    }
    const level = levels[depth];
    if (level === "#") {
      const wasThere = this.#removeFrom(node.hash, session);
      if (node.hash?.size === 0) node.hash = null;
      return wasThere;
    }
    const child = level === "+" ? node.plus : node.children?.get(level);
    if (!child) return false;
    const wasThere = this.#removeBelow(child, levels, depth + 1, session);
    if (child.children === null && child.plus === null && child.own === null && child.hash === null) {
      if (level === "+") {
        node.plus = null;
      } else {
        node.children?.delete(level);
        if (node.children?.size === 0) node.children = null;
      }
    }
    return wasThere;
  }

  #removeFrom(subscribers: Subscribers | null, session: Session): boolean {
    if (!subscribers?.delete(session)) return false;
    this.count--;
    return true;
  }

  /** Everyone who gets `topic`, each once. The array belongs to the topic: read it before the next change. */
  match(topic: Topic): Route[] {
    if (topic.routesVersion === this.version) return topic.routes;
    const routes: Route[] = [];
    this.#stamp++;
    const levels = topic.levels;
    const root = this.#root;
    // [MQTT-4.7.2-1] neither '#' nor '+' at the start of a filter matches a name that starts with '$'.
    if (topic.isDollar) {
      const child = root.children?.get(levels[0]);
      if (child) this.#collectBelow(child, levels, 1, routes);
    } else {
      this.#collectBelow(root, levels, 0, routes);
    }
    if (routes.length <= MAX_REMEMBERED_ROUTES) {
      topic.routes = routes;
      topic.routesVersion = this.version;
    }
    return routes;
  }

  #collectBelow(node: Node, levels: string[], depth: number, routes: Route[]): void {
    if (node.hash !== null) this.#collect(node.hash, routes);
    if (depth === levels.length) {
      if (node.own !== null) this.#collect(node.own, routes);
      return;
    }
    const child = node.children?.get(levels[depth]);
    if (child) this.#collectBelow(child, levels, depth + 1, routes);
    if (node.plus !== null) this.#collectBelow(node.plus, levels, depth + 1, routes);
  }

  #collect(subscribers: Subscribers, routes: Route[]): void {
    for (const [session, qos] of subscribers) {
      if (session.matchStamp === this.#stamp) {
        const route = routes[session.matchIndex];
        if (qos > route.qos) route.qos = qos;
        continue;
      }
      session.matchStamp = this.#stamp;
      session.matchIndex = routes.length;
      routes.push({ session, qos });
    }
  }
}

function newNode(): Node {
  return { children: null, plus: null, own: null, hash: null };
}

function plusOf(node: Node): Node {
  node.plus ??= newNode();
  return node.plus;
}

function hashOf(node: Node): Subscribers {
  node.hash ??= new Map();
  return node.hash;
}

function ownOf(node: Node): Subscribers {
  node.own ??= new Map();
  return node.own;
}

function childOf(node: Node, level: string): Node {
  node.children ??= new Map();
  let child = node.children.get(level);
  if (child === undefined) {
    child = newNode();
    node.children.set(level, child);
  }
  return child;
}
