/**
 * Every key of mosquitto.conf (2.0, with 2.1's PROXY protocol) and what becomes of it here. README's list is this table.
 *
 * HONOURED means what mosquitto documents, or more; `note` says where more or otherwise. IGNORED keys change nothing that
 * a client or an operator relies on: one warning each. REFUSED ones would: a bridge that does not run loses messages, and
 * a restriction that is not applied lets somebody in.
 */
import { destination, duration, flag, integer, oneOf, packetSize, place, text, type ValueKind } from "./values.ts";

/** Of the whole broker; of the listener it stands under; or of whichever `per_listener_settings` says. */
export type Scope = "general" | "listener" | "security";
export type Standing = "honoured" | "ignored" | "refused";

export interface Key {
  readonly name: string;
  readonly standing: Standing;
  readonly scope: Scope;
  readonly kind: ValueKind<unknown>;
  /** May stand several times. */
  readonly repeats: boolean;
  /** Read again at SIGHUP. */
  readonly reloads: boolean;
  /** Why it is ignored or refused, or how it is honoured otherwise. */
  readonly note: string;
}

const ANY: ValueKind<string> = { expected: "anything", read: value => value };
const COUNT = integer(0, Number.MAX_SAFE_INTEGER);

type Extra = { repeats?: boolean; reloads?: boolean; note?: string };

function row(standing: Standing, scope: Scope, name: string, kind: ValueKind<unknown>, extra: Extra = {}): Key {
  return { name, standing, scope, kind, repeats: false, reloads: false, note: "", ...extra };
}

const general = (name: string, kind: ValueKind<unknown>, extra?: Extra) =>
  row("honoured", "general", name, kind, extra);
const listener = (name: string, kind: ValueKind<unknown>, extra?: Extra) =>
  row("honoured", "listener", name, kind, extra);
const security = (name: string, kind: ValueKind<unknown>) => row("honoured", "security", name, kind, { reloads: true });
const ignored = (name: string, note: string, repeats = true) =>
  row("ignored", "general", name, ANY, { note, repeats, reloads: true });
const refused = (name: string, note: string) => row("refused", "general", name, ANY, { note });

const BRIDGE = "there are no bridges";
const PLUGIN = "mosquitto's plugins are compiled for mosquitto";
const COMMITTED = "with persistence every change is on disk before it is acknowledged";
const RELOADS = { reloads: true };

const ROWS: readonly Key[] = [
  // The whole broker.
  general("per_listener_settings", flag),
  general("include_dir", text),
  general("max_inflight_messages", integer(0, 65535), { note: "0: no limit" }),
  general("max_inflight_bytes", COUNT, { note: "0: no limit" }),
  general("max_queued_messages", COUNT, { note: "0: no limit" }),
  general("max_queued_bytes", COUNT, { note: "0: no limit" }),
  general("max_keepalive", integer(0, 65535), { note: "0: no limit" }),
  general("max_packet_size", packetSize, { note: "0: no limit" }),
  general("message_size_limit", integer(0, 268_435_455), { note: "0: no limit" }),
  general("persistent_client_expiration", duration),
  general("queue_qos0_messages", flag),
  general("upgrade_outgoing_qos", flag),
  general("retain_available", flag),
  general("set_tcp_nodelay", flag, { note: "default true: what a turn has gathered is one write" }),
  general("sys_interval", integer(0, 65535), { note: "0: no $SYS topics" }),
  general("clientid_prefixes", text, RELOADS),
  general("pid_file", text),
  general("user", text, { note: "only if root starts it, and only if it is named" }),
  general("persistence", flag),
  general("persistence_location", text),
  general("persistence_file", text, { note: "default perigee.db; its format is not mosquitto's" }),
  general("log_dest", destination, { repeats: true, reloads: true, note: "stderr, stdout, file, none" }),
  general(
    "log_type",
    oneOf(
      ...["error", "warning", "notice", "information", "debug", "subscribe", "unsubscribe"],
      ...["websockets", "internal", "none", "all"],
    ),
    { repeats: true, reloads: true },
  ),
  general("log_timestamp", flag, RELOADS),
  general("log_timestamp_format", text, RELOADS),
  general("connection_messages", flag, RELOADS),
  // Not mosquitto's: limits against abuse.
  general("connect_timeout", integer(1, 65535), { note: "Perigee's own: seconds that a CONNECT may take; default 60" }),
  general("failed_login_delay", integer(0, 60), {
    reloads: true,
    note: "Perigee's own: seconds before a wrong password is refused; default 1",
  }),
  general("max_publish_rate", integer(0, 1_000_000), {
    note: "Perigee's own: PUBLISH packets a second of one client, above which it is read more slowly; default 0, no limit",
  }),

  // A listener.
  listener("listener", place, { repeats: true }),
  listener("port", integer(0, 65535)),
  listener("bind_address", text),
  listener("socket_domain", oneOf("ipv4", "ipv6")),
  listener("protocol", oneOf("mqtt", "mqttv31", "websockets")),
  listener("max_connections", integer(-1, 1_000_000_000), { note: "-1: no limit" }),
  listener("max_qos", integer(0, 2)),
  listener("max_topic_alias", integer(0, 65535)),
  listener("mount_point", text),
  listener("use_username_as_clientid", flag),
  listener("enable_proxy_protocol", integer(1, 2), { note: "2 only" }),
  listener("cafile", text),
  listener("capath", text),
  listener("certfile", text),
  listener("keyfile", text),
  listener("crlfile", text),
  listener("ciphers", text),
  listener("ciphers_tls1.3", text),
  listener("dhparamfile", text),
  listener("tls_version", oneOf("tlsv1.3", "tlsv1.2", "tlsv1.1"), { note: "the lowest version" }),
  listener("require_certificate", flag),
  listener("use_identity_as_username", flag),
  listener("use_subject_as_username", flag),
  listener("psk_hint", text, { note: "TLS 1.2, which is what Node's PSK speaks" }),

  // Who may do what.
  security("allow_anonymous", flag),
  security("password_file", text),
  security("acl_file", text),
  security("psk_file", text),
  security("allow_zero_length_clientid", flag),
  security("auto_id_prefix", text),

  ignored("allow_duplicate_messages", "a client gets a message once, whatever it has subscribed to"),
  ignored("autosave_interval", COMMITTED),
  ignored("autosave_on_changes", COMMITTED),
  ignored("check_retain_source", "retained messages stay when their publisher may not write any more"),
  ignored("log_facility", "there is no syslog here"),
  ignored("memory_limit", "queues are limited one by one: max_queued_bytes"),
  ignored("retry_interval", "mosquitto itself has given it up"),
  ignored("store_clean_interval", "mosquitto itself has given it up"),
  ignored("http_dir", "a page is served with --http"),
  ignored("websockets_log_level", "WebSockets log as other connections do"),
  ignored("websockets_headers_size", "Node's limit of 16 KiB holds"),

  refused("bind_interface", "a listener binds addresses: listener PORT ADDRESS"),
  refused("tls_engine", "Node has no OpenSSL engines"),
  refused("tls_engine_kpass_sha1", "Node has no OpenSSL engines"),
  refused("tls_keyform", "keys are PEM files"),
  ...["plugin", "global_plugin", "auth_plugin", "auth_plugin_deny_special_chars"].map(name => refused(name, PLUGIN)),
  ...(
    "connection connection_name address addresses topic bridge_attempt_unsubscribe bridge_bind_address bridge_cafile " +
    "bridge_capath bridge_certfile bridge_keyfile bridge_identity bridge_psk bridge_alpn bridge_insecure " +
    "bridge_require_ocsp bridge_tls_version bridge_protocol_version bridge_max_packet_size bridge_max_topic_alias " +
    "bridge_outgoing_retain cleansession clientid local_clientid remote_clientid local_username remote_username " +
    "local_password remote_password username password idle_timeout keepalive_interval notifications " +
    "notifications_local_only notification_topic restart_timeout round_robin start_type threshold try_private " +
    "local_cleansession"
  )
    .split(" ")
    .map(name => refused(name, BRIDGE)),
];

export const KEYS: ReadonlyMap<string, Key> = new Map(ROWS.map(key => [key.name, key]));

/** The row of a key; plugins bring keys of their own. */
export function findKey(name: string): Key | undefined {
  const family = /^(plugin_opt_|auth_opt_)/.test(name) ? "plugin" : name;
  return KEYS.get(family);
}

/** The key that a misspelt one was meant to be, if one is near. */
export function nearestKey(name: string): string | undefined {
  let nearest: string | undefined;
  let nearestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of KEYS.keys()) {
    const distance = editDistance(name.toLowerCase(), candidate);
    if (distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest;
}

/** Letters to add, drop, change or swap with their neighbour. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      let distance = Math.min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1));
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) distance = Math.min(distance, beforeLast[column - 2] + 1);
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length];
}
