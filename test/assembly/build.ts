/**
 * A build of the core, or of the codec, as tests have it: the calls, and the way in which bytes come into its memory. Without a guard
 * everything is allowed; with one (host/core/guard.ts) only what was declared may be touched, and only what was written read.
 */
import type { Guard } from "../../host/core/guard.ts";

export interface Build<Calls extends { readonly bytes: Uint8Array }> {
  readonly name: string;
  readonly core: Calls;
  /** True where an access outside the declared regions throws. */
  readonly isGuarded: boolean;
  /** Bytes that the core may use from now on; what they held counts as never written. */
  declare(at: number, size: number): void;
  /** Writes as a host does. */
  write(at: number, bytes: ArrayLike<number>): void;
  /** What these bytes held may not be read any more. */
  forget(at: number, size: number): void;
  /** No byte is declared any more. */
  forgetAll(): void;
}

/** A build that checks nothing. */
export function plain<Calls extends { readonly bytes: Uint8Array }>(name: string, core: Calls): Build<Calls> {
  return {
    name,
    core,
    isGuarded: false,
    declare() {},
    write: (at, bytes) => core.bytes.set(bytes, at),
    forget() {},
    forgetAll() {},
  };
}

/** A build whose `guard` throws. */
export function guarded<Calls extends { readonly bytes: Uint8Array }>(
  name: string,
  core: Calls,
  guard: Guard,
): Build<Calls> {
  return {
    name,
    core,
    isGuarded: true,
    declare: (at, size) => guard.declare(at, size),
    write(at, bytes) {
      guard.hostWrote(at, bytes.length);
      core.bytes.set(bytes, at);
    },
    forget: (at, size) => guard.forget(at, size),
    forgetAll: () => guard.reset(),
  };
}
