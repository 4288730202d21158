/**
 * Links by name, each figure with where it comes from and how good that is.
 *
 * Grades: S a primary or near-primary source, V a reseller or practitioner, D derived by arithmetic from geometry or a standard, K from a named
 * document but not checked again, F an assumption, to be read as illustrative. No loss rate below claims to be measured where the grade is F: there
 * is no published Bernoulli loss for GEO, Iridium or 2G.
 */
import { LinkError } from "./error.ts";
import { MESSAGE_BEARERS } from "./message-bearers.ts";
import { suggestion } from "./nearest.ts";
import type { LinkSpec } from "./spec.ts";

export type Grade = "S" | "V" | "D" | "K" | "F";

/** Where one figure of a preset comes from. `figure` is its path in the link. */
export interface Provenance {
  figure: string;
  grade: Grade;
  source: string;
}

export interface Preset {
  summary: string;
  link: LinkSpec;
  provenance: Provenance[];
}

const GEO_DELAY = { base: 300, jitter: 10, distribution: "normal" } as const;

const GEO_PROVENANCE: Provenance[] = [
  {
    figure: "delay.base",
    grade: "S",
    source: "APNIC blog 2022-05-02: round trips of around 600 ms; the geometric floor is 477 to 541 ms (D)",
  },
  { figure: "delay.jitter", grade: "F", source: "assumption" },
  { figure: "rate", grade: "F", source: "depends on the plan" },
];

const RAIN_FADE: Provenance = {
  figure: "outage",
  grade: "F",
  source: "rain fade every six hours for a minute and a half: illustrative",
};

const GEO_VSAT: LinkSpec = {
  name: "geo-vsat",
  mtu: 1500,
  outage: { model: "on-off", meanOn: "6h", meanOff: "90s" },
  up: { delay: GEO_DELAY, rate: { bps: 512e3 }, loss: { model: "ber", rate: 1e-7 } },
  down: { delay: GEO_DELAY, rate: { bps: 2e6 }, loss: { model: "ber", rate: 1e-7 } },
};

/** The presets by name. */
export const PRESETS: Readonly<Record<string, Preset>> = {
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
    provenance: [{ figure: "delay, rate", grade: "F", source: "gigabit Ethernet through one switch" }],
  },
  "geo-vsat": {
    summary: "geostationary VSAT terminal, with rain fades",
    link: GEO_VSAT,
    provenance: [
      ...GEO_PROVENANCE,
      { figure: "loss", grade: "K", source: "RFC 2488: bit error rate of 1e-7 or better after coding" },
      RAIN_FADE,
    ],
  },
  "geo-vsat-loss1": {
    summary: "geostationary VSAT terminal, 1 % of packets lost",
    link: {
      ...GEO_VSAT,
      name: "geo-vsat-loss1",
      up: { ...GEO_VSAT.up, loss: { model: "random", p: 0.01 } },
      down: { ...GEO_VSAT.down, loss: { model: "random", p: 0.01 } },
    },
    provenance: [
      ...GEO_PROVENANCE,
      { figure: "loss", grade: "K", source: "the lossy scenario of arXiv 2202.08228" },
      RAIN_FADE,
    ],
  },
  bgan: {
    summary: "Inmarsat BGAN, background IP",
    link: {
      name: "bgan",
      mtu: 1500,
      up: { delay: { base: 550, jitter: 60, distribution: "normal" }, rate: { bps: 200e3 } },
      down: { delay: { base: 550, jitter: 60, distribution: "normal" }, rate: { bps: 400e3 } },
    },
    provenance: [
      { figure: "delay.base", grade: "S", source: "Inmarsat slides, 2012-10-09: average round trip of 1100 ms" },
      { figure: "delay.jitter", grade: "F", source: "assumption" },
      { figure: "rate", grade: "V", source: "best effort up to about 400 kbit/s" },
    ],
  },
  "bgan-stream": {
    summary: "Inmarsat BGAN, streaming class",
    link: {
      name: "bgan-stream",
      mtu: 1500,
      up: { delay: { base: 400, jitter: 60, distribution: "normal" }, rate: { bps: 200e3 } },
      down: { delay: { base: 400, jitter: 60, distribution: "normal" }, rate: { bps: 400e3 } },
    },
    provenance: [
      { figure: "delay.base", grade: "S", source: "Inmarsat slides, 2012-10-09: average round trip of 800 ms" },
      { figure: "delay.jitter", grade: "F", source: "assumption" },
      { figure: "rate", grade: "V", source: "as background IP" },
    ],
  },
  "iridium-dialup": {
    summary: "Iridium circuit-switched data, PPP at 2400 bit/s, with dropped calls",
    link: {
      name: "iridium-dialup",
      mtu: 576,
      outage: { model: "on-off", meanOn: "8min", meanOff: "20s" },
      // PPP: flag, address, control, protocol and checksum are 8 bytes a packet (RFC 1662).
      up: { delay: { base: 1250, jitter: 250 }, rate: { bps: 2400, packetOverhead: 8 } },
      down: { delay: { base: 1250, jitter: 250 }, rate: { bps: 2400, packetOverhead: 8 } },
    },
    provenance: [
      { figure: "delay", grade: "F", source: "pings of 2 to 3 s reported by users" },
      { figure: "rate", grade: "V", source: "mailasail: 2400 bit/s on the air, whatever the modem reports" },
      { figure: "outage", grade: "F", source: "dropped calls and 20 s to dial again: illustrative" },
    ],
  },
  "iridium-certus-100": {
    summary: "Iridium Certus 100",
    link: {
      name: "iridium-certus-100",
      mtu: 1500,
      up: { delay: { base: 600, jitter: 150 }, rate: { bps: 22e3 } },
      down: { delay: { base: 600, jitter: 150 }, rate: { bps: 88e3 } },
    },
    provenance: [
      { figure: "delay", grade: "F", source: "no citable figure; round trips of 1 to 1.5 s assumed" },
      { figure: "rate", grade: "K", source: "22 kbit/s up, 88 kbit/s down" },
    ],
  },
  starlink: {
    summary: "Starlink, with bursts of loss; its 15 s steps of delay are not modelled",
    link: {
      name: "starlink",
      mtu: 1500,
      up: { delay: { base: 20, jitter: 4.7, distribution: "normal" }, rate: { bps: 15e6 }, loss: starlinkLoss() },
      down: { delay: { base: 20, jitter: 4.7, distribution: "normal" }, rate: { bps: 120e6 }, loss: starlinkLoss() },
    },
    provenance: [
      {
        figure: "delay",
        grade: "S",
        source: "UCLouvain at IMC'22: median round trip about 50 ms, 40 to 60; jitter after Huston, APNIC 2024-05-17",
      },
      { figure: "rate", grade: "F", source: "depends on the plan" },
      {
        figure: "loss",
        grade: "D",
        source: "from 1 to 2 % in all and up to 50 % at handovers (Huston 2024; Kassem et al., IMC'22)",
      },
    ],
  },
  oneweb: {
    summary: "OneWeb",
    link: {
      name: "oneweb",
      mtu: 1500,
      up: { delay: { base: 35, jitter: 5 }, rate: { bps: 20e6 }, loss: { model: "random", p: 0.005 } },
      down: { delay: { base: 35, jitter: 5 }, rate: { bps: 100e6 }, loss: { model: "random", p: 0.005 } },
    },
    provenance: [
      {
        figure: "delay",
        grade: "F",
        source: "round trip of about 70 ms assumed; the geometric floor is 16 to 42 ms (D)",
      },
      { figure: "rate", grade: "V", source: "service level at the ARA site: 100 and 20 Mbit/s" },
      { figure: "loss", grade: "F", source: "up to 2 % in some networks of its kind (V)" },
    ],
  },
  nbiot: {
    summary: "terrestrial NB-IoT",
    link: {
      name: "nbiot",
      mtu: 1600,
      // Header compression in PDCP takes about 44 of 52 bytes; of what it leaves nothing else is modelled.
      up: { delay: { base: 800, jitter: 400, distribution: "normal" }, rate: { bps: 20e3, packetOverhead: -44 } },
      down: { delay: { base: 800, jitter: 400, distribution: "normal" }, rate: { bps: 30e3, packetOverhead: -44 } },
    },
    provenance: [
      {
        figure: "delay",
        grade: "V",
        source: "0.1 to 8 s with a long tail (Keysight); normal about the median of 800 ms until lognormal is modelled",
      },
      { figure: "rate", grade: "S", source: "RFC 8376: half duplex peak of 20 kbit/s single tone up, 30 kbit/s down" },
      { figure: "rate.packetOverhead", grade: "K", source: "ROHC-TCP: 52 bytes of headers to about 8" },
    ],
  },
  catm1: {
    summary: "LTE Cat-M1",
    link: {
      name: "catm1",
      up: { delay: { base: 50, jitter: 20 }, rate: { bps: 375e3 } },
      down: { delay: { base: 50, jitter: 20 }, rate: { bps: 300e3 } },
    },
    provenance: [{ figure: "delay, rate", grade: "F", source: "assumption" }],
  },
  edge: {
    summary: "EDGE",
    link: {
      name: "edge",
      up: { delay: { base: 210 }, rate: { bps: 200e3 } },
      down: { delay: { base: 210 }, rate: { bps: 240e3 } },
    },
    provenance: [{ figure: "delay, rate", grade: "S", source: "the edge profile of sitespeed.io and WebPageTest" }],
  },
  "2g": {
    summary: "2G",
    link: {
      name: "2g",
      up: { delay: { base: 200 }, rate: { bps: 256e3 } },
      down: { delay: { base: 200 }, rate: { bps: 280e3 } },
    },
    provenance: [{ figure: "delay, rate", grade: "S", source: "the 2g profile of sitespeed.io and WebPageTest" }],
  },
};

/** The preset's name for a link that does nothing, and another for it. */
const ALIASES: Readonly<Record<string, string>> = { ideal: "none" };

/** The preset of that name. Throws LinkError for a bearer that carries messages and no TCP, and for an unknown name, with the nearest. */
export function preset(name: string): Preset {
  const found = PRESETS[ALIASES[name] ?? name];
  if (found !== undefined) return found;
  const bearer = MESSAGE_BEARERS[name];
  if (bearer !== undefined)
    throw new LinkError(`link "${name}" carries messages, not TCP, so MQTT cannot run over it: ${bearer}`);
  throw new LinkError(
    `link "${name}" does not exist${suggestion(name, [...Object.keys(PRESETS), ...Object.keys(MESSAGE_BEARERS)])}`,
  );
}

function starlinkLoss() {
  return { model: "gemodel", unit: "time", meanGood: "15s", meanBad: "150ms", lossGood: 0.01, lossBad: 0.5 } as const;
}
