/**
 * From the settings of a file to what the broker takes: every key of keys.ts that is honoured is read here, in log.ts or
 * in tls-files.ts.
 */
import type { AccessSettings } from "../access/file-access.ts";
import type { EntranceOptions } from "../entrance.ts";
import type { IdentitySource } from "../listener-tls.ts";
import type { ServerOptions } from "../server.ts";
import { ConfigurationError } from "./configuration-error.ts";
import type { ListenerSection, Section, Settings } from "./parse.ts";

/** One listener, without what has to be read from files. */
export interface ListenerPlan {
  readonly port: number;
  readonly host?: string;
  readonly path?: string;
  readonly socketDomain?: "ipv4" | "ipv6";
  readonly protocol: "mqtt" | "websockets";
  readonly isWithoutDelay: boolean;
  readonly isProxied: boolean;
  readonly identity: IdentitySource;
  readonly entrance: EntranceOptions;
  readonly access: AccessSettings;
  /** Where its TLS keys stand, and the file of its pre-shared keys. */
  readonly section: Section;
  readonly pskPath?: string;
}

export interface Plan {
  readonly options: ServerOptions;
  readonly listeners: readonly ListenerPlan[];
  /** No listener was named: this machine only, and anybody may come in, as mosquitto does it. */
  readonly isLocalOnly: boolean;
  readonly persistence: { readonly folder: string; readonly file: string } | null;
  readonly pidPath: string | undefined;
  readonly user: string | undefined;
}

const DEFAULT_PORT = 1883;
const DEFAULT_STORE = "perigee.db";

/** Throws a ConfigurationError when keys do not go together. */
export function planOf(settings: Settings): Plan {
  const { general, defaultListener, listeners } = settings;
  const hasDefault = !defaultListener.listener.isEmpty;
  const isLocalOnly = listeners.length === 0 && !hasDefault;
  const sections = hasDefault || isLocalOnly ? [defaultListener, ...listeners] : listeners;
  const persistence = general.get<boolean>("persistence")
    ? {
        folder: general.get<string>("persistence_location") ?? ".",
        file: general.get<string>("persistence_file") ?? DEFAULT_STORE,
      }
    : null;
  return {
    options: optionsOf(general),
    listeners: sections.map(section => listenerOf(settings, section, isLocalOnly)),
    isLocalOnly,
    persistence,
    pidPath: general.get<string>("pid_file"),
    user: general.get<string>("user"),
  };
}

/** 0 stands for no limit. */
function limit(section: Section, name: string): number | undefined {
  const value = section.get<number>(name);
  return value === 0 ? undefined : value;
}

function optionsOf(general: Section): ServerOptions {
  const inflight = general.get<number>("max_inflight_messages");
  const queued = general.get<number>("max_queued_messages");
  const queuedBytes = general.get<number>("max_queued_bytes");
  const sysIntervalS = general.get<number>("sys_interval");
  const connectTimeoutS = general.get<number>("connect_timeout");
  return {
    maxInflight: inflight === 0 ? 65535 : inflight,
    maxQueued: queued === 0 ? Number.MAX_SAFE_INTEGER : queued,
    maxInflightBytes: limit(general, "max_inflight_bytes"),
    maxQueuedBytes: queuedBytes === 0 ? Number.MAX_SAFE_INTEGER : queuedBytes,
    maxKeepAliveS: limit(general, "max_keepalive"),
    maxPacketSize: limit(general, "max_packet_size"),
    maxPayloadSize: limit(general, "message_size_limit"),
    maxSessionExpiryS: general.get<number>("persistent_client_expiration"),
    retainAvailable: general.get<boolean>("retain_available"),
    queuesQos0: general.get<boolean>("queue_qos0_messages"),
    upgradesQos: general.get<boolean>("upgrade_outgoing_qos"),
    sysIntervalMs: sysIntervalS === undefined ? undefined : sysIntervalS * 1000,
    connectTimeoutMs: connectTimeoutS === undefined ? undefined : connectTimeoutS * 1000,
    maxPublishRate: general.get<number>("max_publish_rate"),
  };
}

function listenerOf(settings: Settings, section: ListenerSection, isLocalOnly: boolean): ListenerPlan {
  const { listener, place } = section;
  const { general } = settings;
  const security = settings.isPerListener ? section.security : settings.security;
  const protocol = listener.get<string>("protocol") === "websockets" ? "websockets" : "mqtt";
  const proxyVersion = listener.get<number>("enable_proxy_protocol");
  if (proxyVersion === 1) throw new ConfigurationError(place, "enable_proxy_protocol 1 is not offered here, 2 is");
  const connections = listener.get<number>("max_connections") ?? -1;
  const at = section.at ?? {
    port: listener.get<number>("port") ?? DEFAULT_PORT,
    host: listener.get<string>("bind_address"),
  };
  const name = "path" in at && at.path !== undefined ? at.path : String(at.port);
  return {
    ...at,
    protocol,
    socketDomain: listener.get<"ipv4" | "ipv6">("socket_domain"),
    isWithoutDelay: general.get<boolean>("set_tcp_nodelay") ?? true,
    isProxied: proxyVersion === 2,
    identity: identityOf(listener),
    section: listener,
    pskPath: security.get<string>("psk_file"),
    entrance: {
      name,
      maxConnections: connections < 0 ? undefined : connections,
      maxQos: listener.get<0 | 1 | 2>("max_qos"),
      maxTopicAlias: listener.get<number>("max_topic_alias"),
      mountPoint: listener.get<string>("mount_point"),
      isUsernameClientId: listener.get<boolean>("use_username_as_clientid"),
      allowsEmptyClientId: security.get<boolean>("allow_zero_length_clientid"),
      autoIdPrefix: security.get<string>("auto_id_prefix"),
    },
    access: accessOf(general, security, isLocalOnly),
  };
}

function identityOf(listener: Section): IdentitySource {
  if (listener.get<boolean>("use_subject_as_username")) return "subject";
  return listener.get<boolean>("use_identity_as_username") ? "commonName" : "none";
}

function accessOf(general: Section, security: Section, isLocalOnly: boolean): AccessSettings {
  const prefix = general.get<string>("clientid_prefixes");
  return {
    allowAnonymous: security.get<boolean>("allow_anonymous") ?? isLocalOnly,
    passwordPath: security.get<string>("password_file"),
    aclPath: security.get<string>("acl_file"),
    clientIdPrefixes: prefix === undefined ? [] : [prefix],
    failedLoginDelayMs: (general.get<number>("failed_login_delay") ?? 1) * 1000,
  };
}
