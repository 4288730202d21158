/**
 * A broker as a configuration file says, and what SIGHUP may change of it while it runs: who may come in and do what,
 * certificates, the log. Listeners stay as they are, as in mosquitto; so do the limits of the broker.
 */
import { join } from "node:path";
import { type AccessSettings, FileAccess } from "../access/file-access.ts";
import type { Connection } from "../connection.ts";
import { Entrance } from "../entrance.ts";
import { openLoopback } from "../listener.ts";
import type { ListenerSocket } from "../listener-socket.ts";
import { Server, type ServerOptions } from "../server.ts";
import { LmdbStore } from "../storage/lmdb-store.ts";
import { KEYS } from "./keys.ts";
import type { Log } from "./log.ts";
import type { Section, Settings } from "./parse.ts";
import { type ListenerPlan, type Plan, planOf } from "./plan.ts";
import { readTls } from "./tls-files.ts";

interface Opened {
  readonly entrance: Entrance;
  readonly listeners: readonly ListenerSocket[];
}

export class ConfiguredServer {
  readonly server: Server;
  readonly plan: Plan;
  readonly #log: Log;
  readonly #opened: Opened[] = [];
  #settings: Settings;

  private constructor(settings: Settings, plan: Plan, log: Log, extra: ServerOptions) {
    this.#settings = settings;
    this.plan = plan;
    this.#log = log;
    this.server = new Server({ ...extra, ...plan.options, onLog: log.write, logPackets: log.hasDebug });
  }

  /**
   * `extra` are options for which no file has a key. `localPort` is that of the command line: for a file without listeners. Rejects with a ConfigurationError, a ListenError, a
   * StoreError or a RangeError, and then nothing is open.
   */
  static async start(
    settings: Settings,
    log: Log,
    localPort?: number,
    extra: ServerOptions = {},
  ): Promise<ConfiguredServer> {
    const plan = planOf(settings);
    for (const warning of [...settings.warnings, ...log.configure(settings)]) log.write("warning", warning);
    const configured = new ConfiguredServer(settings, plan, log, extra);
    try {
      if (localPort !== undefined && !plan.isLocalOnly) {
        log.write("warning", "-p is ignored: the configuration names its listeners");
      }
      const entrances = plan.listeners.map(
        one => new Entrance({ ...one.entrance, access: configured.#accessOf(one.access) }),
      );
      if (plan.persistence !== null) {
        const store = await LmdbStore.open(join(plan.persistence.folder, plan.persistence.file));
        configured.server.restore(store, name => entrances.find(entrance => entrance.name === name));
      }
      for (const [index, one] of plan.listeners.entries()) await configured.#open(one, entrances[index], localPort);
    } catch (error) {
      await configured.server.close();
      throw error;
    }
    return configured;
  }

  async #open(plan: ListenerPlan, entrance: Entrance, localPort: number | undefined): Promise<void> {
    const { server } = this;
    const { isLocalOnly } = this.plan;
    const tls = readTls(plan.section, plan.pskPath);
    const { entrance: _names, access: _files, section: _keys, pskPath: _path, ...where } = plan;
    const firstIndex = server.listeners.length;
    if (isLocalOnly) await openLoopback(server, { ...where, tls, entrance, port: localPort ?? plan.port });
    else await server.open({ ...where, tls, entrance });
    this.#opened.push({ entrance, listeners: server.listeners.slice(firstIndex) });
  }

  #accessOf(settings: AccessSettings): FileAccess {
    const { server } = this;
    const decide = (connection: Connection, verdict: 0 | 3 | 4 | 5): void => {
      server.broker.decide(connection, verdict, server.nowMs);
      server.touch();
    };
    return new FileAccess(settings, decide, this.#log.write);
  }

  /** Throws a ConfigurationError or a ListenError, and then nothing has changed. */
  reload(settings: Settings): void {
    const plan = planOf(settings);
    if (plan.listeners.length !== this.#opened.length) {
      this.#log.write("warning", "listeners cannot be added or taken away while the broker runs");
    }
    const before = new Map<Entrance, FileAccess>();
    const changes = this.#opened.flatMap(({ entrance, listeners }, index) => {
      const planned = plan.listeners[index];
      if (planned === undefined) return [];
      before.set(entrance, entrance.access as FileAccess);
      return [
        { entrance, listeners, access: this.#accessOf(planned.access), tls: readTls(planned.section, planned.pskPath) },
      ];
    });
    for (const { listeners, tls } of changes) {
      if (tls !== undefined) for (const listener of listeners) listener.renewTls(tls);
    }
    for (const { entrance, access } of changes) entrance.access = access;
    for (const warning of this.#log.configure(settings)) this.#log.write("warning", warning);
    this.#warnOfTheRest(settings);
    this.#settings = settings;
    this.server.broker.review(this.server.nowMs, (username, { entrance, sink }) => {
      const old = before.get(entrance);
      if (old === undefined || sink.identity !== undefined) return true;
      return (entrance.access as FileAccess).isStillWelcome(old, username);
    });
    this.server.touch();
  }

  /** Keys that have changed and are read at the start only. */
  #warnOfTheRest(settings: Settings): void {
    const sections = (one: Settings): Section[] => [
      one.general,
      one.defaultListener.listener,
      ...one.listeners.map(({ listener }) => listener),
    ];
    const old = sections(this.#settings);
    const names = sections(settings).flatMap((section, index) => {
      const changed = [...KEYS.values()].filter(({ name, reloads }) => {
        return !reloads && JSON.stringify(section.all(name)) !== JSON.stringify(old[index]?.all(name) ?? []);
      });
      return changed.map(({ name }) => name);
    });
    if (names.length > 0) {
      const list = [...new Set(names)].join(", ");
      this.#log.write("warning", `changed, and read again only at the next start: ${list}`);
    }
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
