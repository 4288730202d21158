/**
 * Where host/core/load.ts reads the module from: in a page it is part of the script.
 */
import module from "../../../build/perigee-host.wasm";

export function readFileSync(): Uint8Array {
  return module;
}
