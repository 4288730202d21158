/**
 * Who is subscribed to what: a tree with one node a level of a topic filter (4.7).
 *
 * A topic walks down at most two branches a level, its own name and `+`, so that matching costs what the depth and the
 * matches cost, however many other subscriptions there are. A subscriber that several filters match is found once, at
 * the highest QoS that any of them was granted [MQTT-3.3.5-1], 5.0: [MQTT-3.3.4-2] [MQTT-3.3.4-4], with the identifiers
 * of all of them [MQTT-3.3.4-3] [MQTT-3.3.4-5]. A shared subscription is found as its group.
 */
import type { Qos } from "./codec/control.ts";
import type { Session } from "./session.ts";
import { Group, type Share } from "./shared-subscription.ts";
import type { Topic } from "./topics.ts";

/** What a subscription was granted. The options and the identifier are of 5.0. */
export interface Grant {
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0 for none. */
  readonly id: number;
}

/** By QoS. */
const PLAIN_GRANTS = ([0, 1, 2] as const).map((qos): Grant => {
  return { qos, noLocal: false, retainAsPublished: false, id: 0 };
});

const PLAIN_LISTS = PLAIN_GRANTS.map(grant => [grant]);

/** The grant without options: one object for all that have it. */
export function plainGrant(qos: Qos): Grant {
  return PLAIN_GRANTS[qos];
}

/** How a message came to a session: which identifiers go with it, and the group whose turn it was. */
export interface Via {
  readonly subscriptionIds: readonly number[];
  readonly group: Group | null;
}

/** One receiver of a topic: a session, or a group of which one session gets it. */
export interface Route {
  readonly session: Session | null;
  readonly group: Group | null;
  /** The highest of all grants. */
  qos: Qos;
  grants: Grant[];
  /** At least one grant has the option. */
  hasNoLocal: boolean;
  isRetainAsPublished: boolean;
  /** Null when no grant has an identifier. */
  via: Via | null;
}

/** The route of one session with these grants, of which there is at least one. */
export function routeOf(session: Session, grants: Grant[]): Route {
  const ids = grants.map(({ id }) => id).filter(id => id > 0);
  return {
    session,
    group: null,
    qos: Math.max(...grants.map(({ qos }) => qos)) as Qos,
    grants,
    hasNoLocal: grants.some(({ noLocal }) => noLocal),
    isRetainAsPublished: grants.some(({ retainAsPublished }) => retainAsPublished),
    via: ids.length > 0 ? { subscriptionIds: ids, group: null } : null,
  };
}

/** The most frequent one, without a look at what it has not. */
function plainRoute(session: Session, qos: Qos): Route {
  return {
    session,
    group: null,
    qos,
    grants: PLAIN_LISTS[qos],
    hasNoLocal: false,
    isRetainAsPublished: false,
    via: null,
  };
}

/**
 * One more grant on a route that is being found: in place, because whoever has n filters on one topic would otherwise
 * cost n times n.
 */
function widen(route: Route, grant: Grant): void {
  // A list of one may be one of PLAIN_LISTS, which all share.
  if (route.grants.length === 1) route.grants = [...route.grants];
  route.grants.push(grant);
  route.qos = Math.max(route.qos, grant.qos) as Qos;
  route.hasNoLocal ||= grant.noLocal;
  route.isRetainAsPublished ||= grant.retainAsPublished;
  if (grant.id === 0) return;
  if (route.via === null) route.via = { subscriptionIds: [grant.id], group: null };
  else (route.via.subscriptionIds as number[]).push(grant.id);
}

function groupRoute(group: Group): Route {
  const none = { grants: [], hasNoLocal: false, isRetainAsPublished: false, via: null };
  return { session: null, group, qos: 0, ...none };
}

type Subscribers = Map<Session, Grant>;

interface Node {
  children: Map<string, Node> | null;
  /** The child for `+`. */
  plus: Node | null;
  /** Those whose filter ends here. */
  own: Subscribers | null;
  /** Those whose filter goes on with `#`: they match this level too [MQTT-4.7.1-2]. */
  hash: Subscribers | null;
  /** Groups whose filter ends here, and those whose filter goes on with `#`, by share name. */
  ownGroups: Map<string, Group> | null;
  hashGroups: Map<string, Group> | null;
}

/** A topic with more receivers than this is matched anew each time: remembering it would cost more than it saves. */
const MAX_REMEMBERED_ROUTES = 256;

export class Subscriptions {
  /** Changes with every subscription, so that a remembered match is known to be old. */
  version = 0;
  count = 0;
  /** Of these, the shared ones. */
  sharedCount = 0;
  readonly #root: Node = newNode();
  #stamp = 0;

  /** Grants; replaces what the session had for the same filter [MQTT-3.8.4-3]. `share` is the group it is for; returns it. */
  add(filter: string, session: Session, grant: Grant, share: Share | null = null): Group | null {
    const levels = filter.split("/");
    const isHash = levels.at(-1) === "#";
    if (isHash) levels.pop();
    let node = this.#root;
    for (const level of levels) node = level === "+" ? plusOf(node) : childOf(node, level);
    const group = share === null ? null : groupOf(node, isHash, share);
    const subscribers = group?.members ?? (isHash ? hashOf(node) : ownOf(node));
    if (!subscribers.has(session)) {
      this.count++;
      if (share !== null) this.sharedCount++;
    }
    subscribers.set(session, grant);
    this.version++;
    return group;
  }

  /** Takes a subscription back. Nodes that nothing needs any more go with it. */
  remove(filter: string, session: Session, share: Share | null = null): void {
    if (this.#removeBelow(this.#root, filter.split("/"), 0, session, share)) this.version++;
  }

  #removeBelow(node: Node, levels: string[], depth: number, session: Session, share: Share | null): boolean {
    const level = levels[depth];
    if (depth === levels.length || level === "#") {
      const isHash = depth < levels.length;
      if (share !== null) return this.#removeFromGroup(node, isHash, session, share.name);
      const wasThere = this.#removeFrom(isHash ? node.hash : node.own, session);
      if (isHash && node.hash?.size === 0) node.hash = null;
      if (!isHash && node.own?.size === 0) node.own = null;
      return wasThere;
    }
    const child = level === "+" ? node.plus : node.children?.get(level);
    if (!child) return false;
    const wasThere = this.#removeBelow(child, levels, depth + 1, session, share);
    if (isEmpty(child)) {
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

  #removeFromGroup(node: Node, isHash: boolean, session: Session, name: string): boolean {
    const groups = isHash ? node.hashGroups : node.ownGroups;
    const group = groups?.get(name);
    if (!groups || !group) return false;
    const wasThere = this.#removeFrom(group.members, session);
    if (wasThere) this.sharedCount--;
    if (group.members.size === 0) groups.delete(name);
    if (groups.size === 0 && isHash) node.hashGroups = null;
    if (groups.size === 0 && !isHash) node.ownGroups = null;
    return wasThere;
  }

  /**
   * Everyone who gets `topic`, each once; 5.0: [MQTT-3.3.2-3] nobody else. The array belongs to the topic: read it before
   * the next change.
   */
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
    if (node.hashGroups !== null) for (const group of node.hashGroups.values()) routes.push(groupRoute(group));
    if (depth === levels.length) {
      if (node.own !== null) this.#collect(node.own, routes);
      if (node.ownGroups !== null) for (const group of node.ownGroups.values()) routes.push(groupRoute(group));
      return;
    }
    const child = node.children?.get(levels[depth]);
    if (child) this.#collectBelow(child, levels, depth + 1, routes);
    if (node.plus !== null) this.#collectBelow(node.plus, levels, depth + 1, routes);
  }

  #collect(subscribers: Subscribers, routes: Route[]): void {
    for (const [session, grant] of subscribers) {
      if (session.matchStamp === this.#stamp) {
        widen(routes[session.matchIndex], grant);
        continue;
      }
      session.matchStamp = this.#stamp;
      session.matchIndex = routes.length;
      const isPlain = grant === PLAIN_GRANTS[grant.qos];
      routes.push(isPlain ? plainRoute(session, grant.qos) : routeOf(session, [grant]));
    }
  }
}

function newNode(): Node {
  return { children: null, plus: null, own: null, hash: null, ownGroups: null, hashGroups: null };
}

function isEmpty({ children, plus, own, hash, ownGroups, hashGroups }: Node): boolean {
  const isUnused = own === null && hash === null && ownGroups === null && hashGroups === null;
  return isUnused && children === null && plus === null;
}

function groupOf(node: Node, isHash: boolean, { name, filter }: Share): Group {
  if (isHash) node.hashGroups ??= new Map();
  else node.ownGroups ??= new Map();
  const groups = (isHash ? node.hashGroups : node.ownGroups) as Map<string, Group>;
  let group = groups.get(name);
  if (group === undefined) {
    group = new Group(`$share/${name}/${filter}`);
    groups.set(name, group);
  }
  return group;
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
