/**
 * The HTTP API of toxiproxy 2.12 over proxies with links: its routes, its JSON, its status codes, so that its clients in every language drive these.
 *
 * What is more: a proxy may be made with `link`, the name of a preset. What is less: no metrics.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import {
  LinkError,
  type LinkSpec,
  preset,
  TOXIC_ATTRIBUTES,
  type ToxicSpec,
  validateAttributes,
  validateToxic,
  validateToxics,
} from "../link/index.ts";
import { readAddress } from "./address.ts";
import type { LinkProxy, ProxyOptions } from "./proxy.ts";

/** What is told of the version to clients that ask which API they speak to. */
const API_VERSION = "2.12.0";
const LARGEST_BODY = 1_000_000;

/** An answer that is no success, in toxiproxy's words. */
class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface ControlOptions {
  /** Makes a proxy that is not enabled yet. */
  readonly makeProxy: (options: Pick<ProxyOptions, "name" | "link" | "listen" | "target">) => LinkProxy;
}

interface Answer {
  status: number;
  body?: unknown;
}

type Fields = Record<string, unknown>;

export class Control {
  private readonly proxies = new Map<string, LinkProxy>();
  private readonly options: ControlOptions;
  private readonly server: Server;

  constructor(options: ControlOptions, proxies: readonly LinkProxy[]) {
    this.options = options;
    for (const proxy of proxies) this.proxies.set(proxy.options.name, proxy);
    this.server = createServer((request, response) => {
      this.answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(body === undefined ? undefined : JSON.stringify(body));
      });
    });
  }

  /** Listens, and returns the port. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen({ host, port }, () => {
        const address = this.server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
    });
  }

  /** Ends the API, and every proxy. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await Promise.all([...this.proxies.values()].map(proxy => proxy.disable()));
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    try {
      const path = new URL(request.url ?? "/", "http://proxy").pathname
        .split("/")
        .filter(Boolean)
        .map(decodeURIComponent);
      return await this.route(request.method ?? "GET", path, request);
    } catch (error) {
      if (error instanceof ApiError)
        return { status: error.status, body: { error: error.message, status: error.status } };
      if (error instanceof LinkError || error instanceof URIError)
        return { status: 400, body: { error: error.message, status: 400 } };
      const message = (error as Error).message;
      return { status: 500, body: { error: message, status: 500 } };
    }
  }

  private async route(method: string, path: string[], request: IncomingMessage): Promise<Answer> {
    const [head, name, sub, toxicName] = path;
    const wanted = `${method} /${[head, name && "*", sub, toxicName && "*"].filter(Boolean).join("/")}`;
    switch (wanted) {
      case "GET /version":
        return { status: 200, body: { version: API_VERSION } };
      case "POST /reset":
        return this.reset();
      case "POST /populate":
        return this.populate(await bodyOf(request));
      case "GET /proxies":
        return {
          status: 200,
          body: Object.fromEntries([...this.proxies].map(([key, proxy]) => [key, described(proxy)])),
        };
      case "POST /proxies":
        return { status: 201, body: described(await this.create(objectOf(await bodyOf(request)))) };
      case "GET /proxies/*":
        return { status: 200, body: described(this.named(name)) };
      case "POST /proxies/*":
      case "PATCH /proxies/*":
        return { status: 200, body: described(await this.update(this.named(name), objectOf(await bodyOf(request)))) };
      case "DELETE /proxies/*":
        await this.named(name).disable();
        this.proxies.delete(name);
        return { status: 204 };
      case "GET /proxies/*/toxics":
        return { status: 200, body: this.named(name).toxics };
      case "POST /proxies/*/toxics":
        return { status: 200, body: addToxic(this.named(name), objectOf(await bodyOf(request))) };
      case "GET /proxies/*/toxics/*":
        return { status: 200, body: toxicOf(this.named(name), toxicName) };
      case "POST /proxies/*/toxics/*":
      case "PATCH /proxies/*/toxics/*":
        return { status: 200, body: changeToxic(this.named(name), toxicName, objectOf(await bodyOf(request))) };
      case "DELETE /proxies/*/toxics/*": {
        const proxy = this.named(name);
        const toxic = toxicOf(proxy, toxicName);
        proxy.replaceToxics(proxy.toxics.filter(other => other !== toxic));
        return { status: 204 };
      }
    }
    throw new ApiError(404, `no route ${method} /${path.join("/")}`);
  }

  private named(name: string): LinkProxy {
    const proxy = this.proxies.get(name);
    if (proxy === undefined) throw new ApiError(404, "proxy not found");
    return proxy;
  }

  /** Every proxy enabled, without toxics. */
  private async reset(): Promise<Answer> {
    for (const proxy of this.proxies.values()) {
      proxy.replaceToxics([]);
      await proxy.enable();
    }
    return { status: 204 };
  }

  private async populate(body: unknown): Promise<Answer> {
    if (!Array.isArray(body)) throw new ApiError(400, "bad request body: a list of proxies is needed");
    const proxies: object[] = [];
    for (const each of body) {
      const fields = objectOf(each);
      const name = String(fields.name ?? "");
      await this.proxies.get(name)?.disable();
      this.proxies.delete(name);
      proxies.push(described(await this.create(fields)));
    }
    return { status: 201, body: { proxies } };
  }

  private async create(fields: Fields): Promise<LinkProxy> {
    const { name, listen, upstream, enabled = true, toxics = [], link = "none" } = fields;
    for (const [what, value] of Object.entries({ name, upstream })) {
      if (typeof value !== "string" || value === "") throw new ApiError(400, `missing required field: ${what}`);
    }
    if (this.proxies.has(name as string)) throw new ApiError(409, "proxy already exists");
    const spec: LinkSpec = { ...preset(String(link)).link, toxics: validateToxics(toxics, "toxics") };
    const proxy = this.options.makeProxy({
      name: name as string,
      link: spec,
      listen: readAddress(String(listen ?? "127.0.0.1:0"), "listen"),
      target: readAddress(upstream as string, "upstream"),
    });
    if (enabled === true) await proxy.enable();
    this.proxies.set(name as string, proxy);
    return proxy;
  }

  private async update(proxy: LinkProxy, fields: Fields): Promise<LinkProxy> {
    const { enabled } = fields;
    if (enabled !== undefined && typeof enabled !== "boolean") throw new ApiError(400, "enabled: true or false");
    if (enabled === true) await proxy.enable();
    if (enabled === false) await proxy.disable();
    return proxy;
  }
}

function described(proxy: LinkProxy): object {
  const { name, target } = proxy.options;
  const upstream = `${target.host}:${target.port}`;
  return { name, listen: proxy.listening, upstream, enabled: proxy.enabled, toxics: proxy.toxics };
}

function toxicOf(proxy: LinkProxy, name: string): ToxicSpec {
  const toxic = proxy.toxics.find(each => each.name === name);
  if (toxic === undefined) throw new ApiError(404, "toxic not found");
  return toxic;
}

function addToxic(proxy: LinkProxy, fields: Fields): ToxicSpec {
  const toxic = validateToxic(fields, "toxic");
  if (proxy.toxics.some(({ name }) => name === toxic.name)) throw new ApiError(409, "toxic already exists");
  proxy.replaceToxics([...proxy.toxics, toxic]);
  return toxic;
}

/** Only attributes and toxicity can be changed; what is absent stays. */
function changeToxic(proxy: LinkProxy, name: string, fields: Fields): ToxicSpec {
  const toxic = toxicOf(proxy, name);
  const { attributes = {}, toxicity = toxic.toxicity } = fields;
  const whole = {
    ...Object.fromEntries(Object.keys(TOXIC_ATTRIBUTES[toxic.type]).map(each => [each, 0])),
    ...toxic.attributes,
  };
  const changed = validateToxic(
    { ...toxic, toxicity, attributes: validateAttributes(toxic.type, attributes, "attributes", whole) },
    "toxic",
  );
  proxy.replaceToxics(proxy.toxics.map(each => (each === toxic ? changed : each)));
  return changed;
}

function objectOf(body: unknown): Fields {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new ApiError(400, "bad request body: an object is needed");
  return body as Fields;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > LARGEST_BODY) throw new ApiError(413, "bad request body: larger than a megabyte");
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw new ApiError(400, `bad request body: ${(error as Error).message}`);
  }
}
