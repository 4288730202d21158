/**
 * Links on the ground: none at all, a local network, and cellular ones.
 */
import type { Preset } from "./provenance.ts";

export const GROUND_PRESETS: Readonly<Record<string, Preset>> = {
  none: {
    summary: "no link at all: no delay, no loss, an endless rate",
    link: { name: "none", up: {}, down: {} },
    provenance: [],
  },
  lan: {
    summary: "a local network",
    link: {
      name: "lan",
      up: { delay: { base: 0.2 }, rate: { bps: 1e9 } },
      down: { delay: { base: 0.2 }, rate: { bps: 1e9 } },
    },
    provenance: [
      { figure: "delay", grade: "F", source: "one switch" },
      { figure: "rate", grade: "F", source: "gigabit Ethernet" },
    ],
  },
  nbiot: {
    summary: "terrestrial NB-IoT",
    link: {
      name: "nbiot",
      mtu: 1600,
      headers: { rohc: true },
      up: {
        delay: { distribution: "lognormal", median: 800, p95: 8000 },
        rate: { bps: 20e3 },
      },
      down: {
        delay: { distribution: "lognormal", median: 800, p95: 8000 },
        rate: { bps: 30e3 },
      },
    },
    provenance: [
      { figure: "mtu", grade: "S", source: "RFC 8376" },
      {
        figure: "delay",
        grade: "V",
        source: "Keysight: 0.1 to 8 s; RFC 8376: below 10 s at the edge of coverage (S)",
      },
      {
        figure: "rate.bps",
        grade: "S",
        source: "RFC 8376: half duplex peak of 20 kbit/s single tone up, 30 kbit/s down",
      },
      {
        figure: "headers.rohc",
        grade: "S",
        source: "RFC 8376: header compression in PDCP; 52 bytes of TCP/IP to 8, 28 of UDP/IP to 3 (K)",
      },
    ],
  },
  catm1: {
    summary: "LTE Cat-M1",
    link: {
      name: "catm1",
      up: { delay: { base: 50, jitter: 20 }, rate: { bps: 375e3 } },
      down: { delay: { base: 50, jitter: 20 }, rate: { bps: 300e3 } },
    },
    facts: { bill: { minimumPerSession: 10_240 } },
    provenance: [
      { figure: "delay", grade: "F", source: "assumption" },
      { figure: "rate", grade: "F", source: "assumption" },
      { figure: "bill", grade: "V", source: "Digital Matter: Vodacom counts 10 kB a connection; others differ" },
    ],
  },
  edge: {
    summary: "EDGE",
    link: {
      name: "edge",
      up: { delay: { base: 210 }, rate: { bps: 200e3 } },
      down: { delay: { base: 210 }, rate: { bps: 240e3 } },
    },
    provenance: [
      { figure: "delay", grade: "S", source: "the edge profile of sitespeed.io and WebPageTest" },
      { figure: "rate", grade: "S", source: "the edge profile of sitespeed.io and WebPageTest" },
    ],
  },
  "2g": {
    summary: "2G",
    link: {
      name: "2g",
      up: { delay: { base: 200 }, rate: { bps: 256e3 } },
      down: { delay: { base: 200 }, rate: { bps: 280e3 } },
    },
    provenance: [
      { figure: "delay", grade: "S", source: "the 2g profile of sitespeed.io and WebPageTest" },
      { figure: "rate", grade: "S", source: "the 2g profile of sitespeed.io and WebPageTest" },
    ],
  },
};
