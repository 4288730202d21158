/**
 * Whoever uses an end of a connection, and what may stand between: it hears everything once, and nothing after its last word.
 */
import type { TcpCloseReason, TcpHandler } from "./handler.ts";

export class Application {
  /** Puts something between the endpoint and whatever handler it is given. */
  interpose: ((handler: TcpHandler) => TcpHandler) | null = null;
  /** It has closed, and hears no more of what comes. */
  deaf = false;
  /** It wrote more than was taken. */
  blocked = false;
  private outermost: TcpHandler | null = null;

  get handler(): TcpHandler | null {
    return this.outermost;
  }

  set handler(handler: TcpHandler | null) {
    this.outermost = handler === null || this.interpose === null ? handler : this.interpose(handler);
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    if (!this.deaf) this.outermost?.received(bytes, offset, size);
  }

  /** The peer will send no more. False when nobody wants to know: then the connection is to be closed. */
  ended(): boolean {
    if (!this.outermost?.ended) return false;
    this.outermost.ended();
    return true;
  }

  /** There is room again. */
  writable(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.outermost?.writable?.();
  }

  closed(reason: TcpCloseReason): void {
    const handler = this.outermost;
    this.outermost = null;
    handler?.closed(reason);
  }
}
