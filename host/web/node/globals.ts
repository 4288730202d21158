/**
 * setImmediate for a browser: a message to oneself, which, unlike a timer, is not slowed down when it comes often.
 */
const waiting: (() => void)[] = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => waiting.shift()?.();

export function setImmediate(callback: () => void): void {
  waiting.push(callback);
  port2.postMessage(null);
}
