/**
 * Real peers (mosquitto, tshark, paho, ...) are system packages. A suite that needs one asks here before it is
 * collected: absent, the suite is left out and one line says which and how to install it; with PEERS=required
 * (continuous integration) an absent peer is a failure instead.
 */
import { spawnSync } from "node:child_process";

/** The shell line that proves each peer is there, and the Debian package that brings it. */
const PEERS = {
  mosquitto: { probe: "command -v mosquitto", package: "mosquitto" },
  mosquitto_pub: { probe: "command -v mosquitto_pub && command -v mosquitto_sub", package: "mosquitto-clients" },
  tshark: { probe: "command -v tshark", package: "tshark" },
  paho: { probe: "/usr/bin/python3 -c 'import paho.mqtt.client'", package: "python3-paho-mqtt" },
  chromium: { probe: "test -x /usr/bin/chromium", package: "chromium" },
  openssl: { probe: "command -v openssl", package: "openssl" },
  gcc: { probe: "command -v gcc", package: "gcc libc6-dev" },
  clang: {
    probe: "command -v clang && ls $(clang -print-resource-dir)/lib/*/libclang_rt.fuzzer*",
    package: "clang libclang-rt-14-dev",
  },
  gxx: { probe: "command -v g++", package: "g++" },
  openssl_library: { probe: "test -f /usr/include/openssl/ssl.h", package: "libssl-dev" },
  wasm2c: { probe: "command -v wasm2c", package: "wabt" },
  rv32: {
    probe: "command -v riscv64-unknown-elf-gcc && command -v qemu-system-riscv32 && test -d /usr/lib/picolibc",
    package: "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc",
  },
  arm: {
    probe: "command -v arm-none-eabi-gcc && test -d /usr/lib/arm-none-eabi/newlib",
    package: "gcc-arm-none-eabi libnewlib-arm-none-eabi",
  },
  jsc: { probe: "command -v jsc", package: "libjavascriptcoregtk-4.0-bin" },
} as const;

export type Peer = keyof typeof PEERS;

function present(peer: Peer): boolean {
  return spawnSync("sh", ["-c", PEERS[peer].probe], { stdio: "ignore" }).status === 0;
}

/** True when every named peer is installed. Throws with PEERS=required when one is not. */
export function havePeers(...peers: Peer[]): boolean {
  const absent = peers.filter(peer => !present(peer));
  if (absent.length > 0 && process.env.PEERS === "required") {
    throw new Error(`peers required but absent: ${absent.join(", ")}`);
  }
  return absent.length === 0;
}

/** Vitest's global set-up: says once, in one line a peer, which suites will be left out. */
export default function announce(): void {
  for (const peer of Object.keys(PEERS) as Peer[]) {
    if (!havePeers(peer)) {
      console.error(
        `peer absent: ${peer} - its suites are left out; install with: apt-get install ${PEERS[peer].package}`,
      );
    }
  }
}
