/**
 * The web client: what a phone's MQTT tool gives, on one page that the broker serves (`perigee broker --http PORT`).
 *
 * It is the client of host/client, with the core in WebAssembly, over a WebSocket to where the page came from. What comes
 * from the network is only ever set as text.
 */
import { type Client, connect, type Message, type Qos } from "../client/index.ts";
import { type Traffic, webSocketOpener } from "./websocket.ts";

/** Messages that stay in the list; the oldest make room. */
const MAX_SHOWN_COUNT = 500;
/** Characters of a message that are shown. */
const MAX_SHOWN_LENGTH = 2000;

type State = "closed" | "waiting" | "connected" | "failed";

const traffic: Traffic = { sentSize: 0, receivedSize: 0 };
const subscriptions = new Map<string, Qos>();
let client: Client | undefined;
let messageCount = 0;

function element<Type extends HTMLElement>(id: string): Type {
  return document.getElementById(id) as Type;
}

/** What the fields of a form say. */
function fieldsOf(form: HTMLFormElement): (name: string) => string {
  const data = new FormData(form);
  return name => String(data.get(name) ?? "");
}

function show(state: State, text: string): void {
  const shown = element("state");
  shown.dataset.state = state;
  shown.textContent = text;
  const isThere = client !== undefined;
  element<HTMLButtonElement>("connect").disabled = isThere;
  element<HTMLButtonElement>("disconnect").disabled = !isThere;
  for (const id of ["subscribe", "publish"]) {
    const button = element(id).querySelector("button") as HTMLButtonElement;
    button.disabled = state !== "connected";
  }
}

function sizeText(size: number): string {
  return size < 10_000 ? `${size} B` : `${(size / 1000).toFixed(1)} kB`;
}

function showTraffic(): void {
  const { sentSize, receivedSize } = traffic;
  const text = `${sizeText(sentSize)} sent, ${sizeText(receivedSize)} received`;
  if (element("traffic").textContent !== text) element("traffic").textContent = text;
}

/** Runs what may go wrong, and says beside its form what did. */
async function attempt(problemId: string, action: () => Promise<void>): Promise<void> {
  const problem = element(problemId);
  problem.textContent = "";
  try {
    await action();
  } catch (error) {
    problem.textContent = (error as Error).message;
  }
}

async function open(form: HTMLFormElement): Promise<void> {
  const field = fieldsOf(form);
  const { protocol, hostname, host, pathname } = location;
  const url = `${protocol === "https:" ? "wss" : "ws"}://${host}${pathname}`;
  element<HTMLButtonElement>("connect").disabled = true;
  show("waiting", "connecting");
  try {
    const opened = await connect(`mqtt://${hostname}`, {
      transport: webSocketOpener(url, traffic),
      keepAliveSeconds: Number(field("keepAlive")),
      ...(field("clientId") === "" ? {} : { clientId: field("clientId") }),
      ...(field("username") === "" ? {} : { username: field("username"), password: field("password") }),
    });
    client = opened;
    follow(opened);
  } catch (error) {
    show("failed", "not connected");
    throw error;
  }
}

function follow(opened: Client): void {
  const connected = () => show("connected", `connected as ${opened.clientId}`);
  connected();
  opened.on("connect", connected);
  opened.on("close", (error, isTriedAgain) => {
    if (!isTriedAgain) return;
    show("waiting", "connection lost, trying again");
    element("connection-problem").textContent = error.message;
  });
  opened.on("warning", error => {
    element("connection-problem").textContent = error.message;
  });
  opened.on("message", showMessage);
  opened.on("end", error => {
    client = undefined;
    subscriptions.clear();
    showSubscriptions();
    show(error === undefined ? "closed" : "failed", "not connected");
    element("connection-problem").textContent = error === undefined ? "" : error.message;
  });
}

function showMessage({ topic, payload, qos, retain }: Message): void {
  const item = document.createElement("li");
  const time = document.createElement("time");
  const now = new Date();
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString([], { hour12: false });
  const name = document.createElement("span");
  name.className = "topic";
  name.textContent = topic;
  const text = document.createElement("pre");
  text.textContent = payloadText(payload);
  const flags = document.createElement("span");
  flags.className = "flags";
  flags.textContent = `QoS ${qos}${retain ? ", retained" : ""}, ${payload.length} B`;
  item.append(time, name, text, flags);
  const list = element("messages");
  list.prepend(item);
  if (list.childElementCount > MAX_SHOWN_COUNT) list.lastElementChild?.remove();
  messageCount++;
  element("count").textContent = String(messageCount);
}

/** Text where it is UTF-8, hexadecimal where it is not. */
function payloadText(payload: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch {
    text = Array.from(payload.subarray(0, MAX_SHOWN_LENGTH / 2), byte => byte.toString(16).padStart(2, "0")).join(" ");
  }
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

function showSubscriptions(): void {
  const items = [...subscriptions].map(([filter, qos]) => {
    const item = document.createElement("li");
    const text = document.createElement("span");
    text.textContent = `${filter} (QoS ${qos})`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = "Remove";
    button.setAttribute("aria-label", `Remove ${filter}`);
    button.onclick = () =>
      attempt("subscribe-problem", async () => {
        await client?.unsubscribe(filter);
        subscriptions.delete(filter);
        showSubscriptions();
      });
    item.append(text, button);
    return item;
  });
  element("subscriptions").replaceChildren(...items);
}

/** Sends a form without leaving the page. */
function onSubmit(id: string, action: (form: HTMLFormElement) => Promise<void>): void {
  const form = element<HTMLFormElement>(id);
  form.onsubmit = event => {
    event.preventDefault();
    attempt(`${id}-problem`, () => action(form));
  };
}

onSubmit("connection", open);

onSubmit("subscribe", async form => {
  const field = fieldsOf(form);
  const [grant] = (await client?.subscribe(field("filter"), { qos: Number(field("qos")) as Qos })) ?? [];
  if (grant === undefined) return;
  if (grant.qos === null) throw new Error(`the broker refuses the subscription to ${grant.filter}`);
  subscriptions.set(grant.filter, grant.qos);
  showSubscriptions();
});

onSubmit("publish", async form => {
  const field = fieldsOf(form);
  const published = element("published");
  published.textContent = "sending";
  try {
    const options = { qos: Number(field("qos")) as Qos, retain: field("retain") !== "" };
    await client?.publish(field("topic"), field("payload"), options);
    published.textContent = field("qos") === "0" ? "sent" : "acknowledged";
  } catch (error) {
    published.textContent = "";
    throw error;
  }
});

element("disconnect").onclick = () => attempt("connection-problem", async () => client?.close());
element("clear").onclick = () => {
  element("messages").replaceChildren();
  messageCount = 0;
  element("count").textContent = "0";
};
setInterval(showTraffic, 200);
