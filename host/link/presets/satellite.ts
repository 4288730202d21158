/**
 * Satellites that carry IP.
 *
 * No loss rate below claims to be measured where its grade is F: there is no published independent loss for GEO or Iridium, and no published
 * Gilbert-Elliott fit for any satellite of today.
 */
import type { LinkSpec } from "../spec.ts";
import type { Preset, Provenance } from "./provenance.ts";

const ETHERNET_MTU: Provenance = {
  figure: "mtu",
  grade: "K",
  source: "the Ethernet behind the terminal (RFC 894)",
};

const GEO_DELAY = { base: 300, jitter: 10, distribution: "normal" } as const;

const GEO_VSAT: LinkSpec = {
  name: "geo-vsat",
  mtu: 1500,
  outage: { model: "on-off", meanOn: "6h", meanOff: "90s" },
  up: { delay: GEO_DELAY, rate: { bps: 512e3 }, loss: { model: "ber", rate: 1e-7 } },
  down: { delay: GEO_DELAY, rate: { bps: 2e6 }, loss: { model: "ber", rate: 1e-7 } },
};

const GEO_PROVENANCE: readonly Provenance[] = [
  ETHERNET_MTU,
  {
    figure: "delay.base",
    grade: "S",
    source: "APNIC blog 2022-05-02: round trips of around 600 ms; the geometric floor is 477 to 541 ms (D)",
  },
  { figure: "delay.jitter", grade: "F", source: "assumption" },
  { figure: "rate", grade: "F", source: "depends on the plan" },
  {
    figure: "outage",
    grade: "F",
    source: "rain fade every six hours for a minute and a half: illustrative",
  },
];

const BGAN_RATE: Provenance = { figure: "rate", grade: "V", source: "best effort up to about 400 kbit/s" };
const BGAN_JITTER: Provenance = { figure: "delay.jitter", grade: "F", source: "assumption" };

export const SATELLITE_PRESETS: Readonly<Record<string, Preset>> = {
  "geo-vsat": {
    summary: "geostationary VSAT terminal, with rain fades",
    link: GEO_VSAT,
    provenance: [
      ...GEO_PROVENANCE,
      { figure: "loss", grade: "K", source: "RFC 2488: bit error rate of 1e-7 or better after coding" },
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
    provenance: [...GEO_PROVENANCE, { figure: "loss", grade: "K", source: "the lossy scenario of arXiv 2202.08228" }],
  },
  bgan: {
    summary: "Inmarsat BGAN, background IP",
    link: {
      name: "bgan",
      mtu: 1500,
      up: { delay: { base: 550, jitter: 60, distribution: "normal" }, rate: { bps: 200e3 } },
      down: { delay: { base: 550, jitter: 60, distribution: "normal" }, rate: { bps: 400e3 } },
    },
    facts: { bill: { minimumPerSessionPerDirection: 51_200, roundTo: 10_240, dollarsPerMegabyte: 6.95 } },
    provenance: [
      ETHERNET_MTU,
      { figure: "delay.base", grade: "S", source: "Inmarsat slides, 2012-10-09: average round trip of 1100 ms" },
      BGAN_JITTER,
      BGAN_RATE,
      {
        figure: "bill",
        grade: "V",
        source:
          "globalsatellite.us: 50 KB at least each way, steps of 10 KB; scribd, an old overview of rates: 6.95 $/MB",
      },
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
    facts: { bill: { per: "minute" } },
    provenance: [
      ETHERNET_MTU,
      { figure: "delay.base", grade: "S", source: "Inmarsat slides, 2012-10-09: average round trip of 800 ms" },
      BGAN_JITTER,
      BGAN_RATE,
      { figure: "bill", grade: "V", source: "Wikipedia on Inmarsat-4: streaming is billed by time" },
    ],
  },
  "iridium-dialup": {
    summary: "Iridium circuit-switched data, PPP at 2400 bit/s, with dropped calls",
    link: {
      name: "iridium-dialup",
      mtu: 576,
      headers: { framing: "ppp" },
      outage: { model: "on-off", meanOn: "8min", meanOff: "20s" },
      up: { delay: { base: 1250, jitter: 250 }, rate: { bps: 2400 } },
      down: { delay: { base: 1250, jitter: 250 }, rate: { bps: 2400 } },
    },
    facts: { setupMs: 20_000, bill: { per: "minute" } },
    provenance: [
      { figure: "mtu", grade: "K", source: "RFC 791: what every host accepts, and usual on slow lines" },
      { figure: "delay", grade: "F", source: "cruisersforum.com: pings of 2 to 3 s reported by users" },
      { figure: "rate.bps", grade: "V", source: "mailasail: 2400 bit/s on the air, whatever the modem reports" },
      {
        figure: "headers.framing",
        grade: "K",
        source: "PPP: flag, address, control, protocol and checksum are 8 bytes a packet (RFC 1662)",
      },
      { figure: "outage", grade: "F", source: "dropped calls and 20 s to dial again: illustrative" },
      { figure: "setupMs", grade: "F", source: "cruisersforum.com: PPP is up in about 20 s" },
      { figure: "bill", grade: "V", source: "calls are billed by time" },
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
    facts: { bill: { minimumPerSession: 5120, floorBytesPerSecond: 300, floorAfterSeconds: 300 } },
    provenance: [
      ETHERNET_MTU,
      { figure: "delay", grade: "F", source: "no citable figure; round trips of 1 to 1.5 s assumed" },
      { figure: "rate", grade: "K", source: "22 kbit/s up, 88 kbit/s down" },
      {
        figure: "bill",
        grade: "V",
        source:
          "digitalskies.info, fair use: a session counts 5 KB at least, and 300 bytes a second once longer than 300 s",
      },
    ],
  },
  starlink: {
    summary: "Starlink, with a handover every 15 s and bursts of loss",
    link: {
      name: "starlink",
      mtu: 1500,
      handover: { period: "15s", phase: "global", stepMs: [0, 25], spikeMs: [15, 25], lasts: "150ms" },
      up: { delay: { base: 20, jitter: 4.7, distribution: "normal" }, rate: { bps: 15e6 }, loss: starlinkLoss() },
      down: { delay: { base: 20, jitter: 4.7, distribution: "normal" }, rate: { bps: 120e6 }, loss: starlinkLoss() },
    },
    provenance: [
      ETHERNET_MTU,
      {
        figure: "delay.base",
        grade: "S",
        source: "UCLouvain at IMC'22 (APNIC blog 2022-11-28): round trips of 40 to 60 ms, median about 50, least 20",
      },
      {
        figure: "delay.jitter",
        grade: "D",
        source: "6.7 ms between successive round trips (Huston, APNIC 2024-05-17), over the root of 2",
      },
      { figure: "rate", grade: "F", source: "depends on the plan" },
      {
        figure: "loss",
        grade: "D",
        source: "from 1 to 2 % in all (Huston 2024) and up to 50 % at handovers (Kassem et al., IMC'22)",
      },
      {
        figure: "handover.period",
        grade: "S",
        source: "all terminals are reassigned every 15 s at once (Mohan et al., WWW'24, arXiv 2310.09242)",
      },
      {
        figure: "handover.stepMs",
        grade: "S",
        source:
          "worst step of the least round trip from 30 to 80 ms (Huston 2024), halved; drawn evenly, so the median " +
          "round trip lies some 15 ms above UCLouvain's",
      },
      { figure: "handover.spikeMs", grade: "S", source: "30 to 50 ms at a handover (Huston 2024), halved" },
      { figure: "handover.lasts", grade: "F", source: "as long as the mean burst of loss: assumption" },
    ],
  },
  oneweb: {
    summary: "OneWeb, with a step of delay when the satellite changes",
    link: {
      name: "oneweb",
      mtu: 1500,
      handover: { period: "134s", phase: "seeded", stepMs: [0, 13] },
      up: { delay: { base: 35, jitter: 5 }, rate: { bps: 20e6 }, loss: { model: "random", p: 0.005 } },
      down: { delay: { base: 35, jitter: 5 }, rate: { bps: 100e6 }, loss: { model: "random", p: 0.005 } },
    },
    provenance: [
      ETHERNET_MTU,
      {
        figure: "delay",
        grade: "F",
        source: "round trip of about 70 ms assumed; the geometric floor is 16 to 42 ms (D)",
      },
      { figure: "rate", grade: "V", source: "service level at the ARA site: 100 and 20 Mbit/s" },
      { figure: "loss", grade: "F", source: "up to 2 % in some networks of its kind (V)" },
      {
        figure: "handover.period",
        grade: "K",
        source: "an orbit at 1,200 km takes 109 min (D), shared by 49 satellites of a plane; beams change more often",
      },
      {
        figure: "handover.stepMs",
        grade: "D",
        source: "a bent pipe by way of 1,200 km takes 8.0 ms at the zenith and 20.9 ms at 10 degrees",
      },
    ],
  },
};

function starlinkLoss() {
  return { model: "gemodel", unit: "time", meanGood: "15s", meanBad: "150ms", lossGood: 0.01, lossBad: 0.5 } as const;
}
