/**
 * What the application wants sent, as packets in the core's outbox: a topic, a payload and properties, or a list of filters. In
 * MQTT 3.1.1 there are no properties; a client that has fallen back to it leaves them out.
 */
import { FULL } from "../../assembly/status.ts";
import type { Core } from "../core/core.ts";
import { checkQos } from "./check-options.ts";
import { check } from "./core-setup.ts";
import { PerigeeError } from "./errors.ts";
import { hasFallenBack, plainFilters } from "./fall-back.ts";
import type { Qos, Settings } from "./options.ts";
import { dropOldest, supersede } from "./outbox-policy.ts";
import { encodeProperties, type Properties, type PropertiesOf } from "./properties.ts";
import type { Completion, Requests } from "./requests.ts";
import { brief, encodeTopic } from "./text.ts";

const NOTHING = new Uint8Array(0);

/** What a message may have besides. */
export interface Extra {
  readonly properties?: PropertiesOf<"publish">;
  readonly now?: number;
  /** Whether a message of QoS 0 is leaving, which cannot be dropped any more. */
  readonly isQos0Leaving?: boolean;
}

export class Composer {
  readonly #core: Core;
  readonly #client: number;
  readonly #settings: Settings;
  readonly #requests: Requests;

  constructor(core: Core, client: number, settings: Settings, requests: Requests) {
    this.#core = core;
    this.#client = client;
    this.#settings = settings;
    this.#requests = requests;
  }

  /** Queues a message. Answers false where the outbox has no room; throws a PerigeeError naming what is wrong with it. */
  publish(
    topic: string,
    payload: Uint8Array,
    qos: Qos,
    retain: boolean,
    completion: Completion,
    { properties, now, isQos0Leaving = false }: Extra = {},
  ): boolean {
    const core = this.#core;
    const client = this.#client;
    const requests = this.#requests;
    const { outboxPolicy, outboxSize } = this.#settings;
    const name = encodeTopic(topic);
    checkQos(qos, "[MQTT-3.3.1-4]");
    const flags = (qos << 1) | (retain ? 1 : 0);
    const block = this.#block(properties, "publish");
    // What expires is counted from now on.
    if (now !== undefined && block.length > 1) core.tick(client, now);
    const size = block.length + payload.length;
    const compose = () => core.publish(client, name.length, size, flags);
    const mayDrop = outboxPolicy === "drop-oldest" || outboxPolicy === "latest";
    let at = compose();
    while (at === FULL && mayDrop && dropOldest(core, client, requests, isQos0Leaving)) at = compose();
    if (at === FULL) return false;
    check(at, `${payload.length} bytes for topic "${brief(topic)}" at QoS ${qos}, outbox ${outboxSize} bytes`);
    core.bytes.set(name, at);
    const end = core.composedEnd(client);
    core.bytes.set(block, end - size);
    core.bytes.set(payload, end - payload.length);
    if (outboxPolicy === "latest") supersede(core, client, requests, topic, isQos0Leaving);
    return this.#commit(topic, `topic "${brief(topic)}"`, completion);
  }

  /** Queues SUBSCRIBE or UNSUBSCRIBE with a list as on the wire, sections 3.8.3 and 3.10.3. Answers and throws as `publish`. */
  request(
    kind: "subscribe" | "unsubscribe",
    list: Uint8Array,
    completion: Completion,
    properties?: PropertiesOf<"subscribe">,
  ): boolean {
    const block = this.#block(properties, kind);
    const filters = kind === "subscribe" && hasFallenBack(this.#settings) ? plainFilters(list) : list;
    const at = this.#core[kind](this.#client, block.length + filters.length);
    if (at === FULL) return false;
    check(at, `${kind} with ${filters.length} bytes of filters`);
    this.#core.bytes.set(block, at);
    this.#core.bytes.set(filters, at + block.length);
    return this.#commit("", kind, completion);
  }

  /** The property block of a packet: nothing at all in 3.1.1. */
  #block(properties: Properties | undefined, packet: "publish" | "subscribe" | "unsubscribe"): Uint8Array {
    const isFive = this.#settings.protocolVersion === 5;
    if (!isFive && properties !== undefined && !hasFallenBack(this.#settings)) {
      throw new PerigeeError("MISUSE_OPTION", "properties need protocolVersion: 5");
    }
    // What is wrong in 5.0 is wrong whatever the server speaks.
    const block = encodeProperties(properties, packet);
    return isFive ? block : NOTHING;
  }

  #commit(topic: string, what: string, completion: Completion): boolean {
    const id = this.#core.commit(this.#client);
    if (id === FULL) return false;
    this.#requests.add(check(id, what), topic, completion);
    return true;
  }
}
