/**
 * Bearers that carry single messages and no TCP, by the names under which people will ask for them: what they take, what they cost, and the limit
 * that says why MQTT cannot run there.
 */
import type { MessageBearer } from "./provenance.ts";

export const MESSAGE_BEARERS: Readonly<Record<string, MessageBearer>> = {
  "iridium-sbd": {
    summary: "Iridium Short Burst Data",
    limit: "Short Burst Data takes messages of up to 340 bytes, and brings back up to 270 only after one was sent",
    facts: {
      maximumUp: 340,
      maximumDown: 270,
      downOnlyAfterUp: true,
      airBps: 2400,
      latency: { fixedMs: 4500, perByteMs: 7.9 },
      minimumSpacingMs: 40_000,
      retry: { everyMs: 60_000, giveUpMs: 300_000 },
      attemptSuccess: 0.9,
      acknowledgedBy: "gateway",
      bill: { unitBytes: 50, minimumUnits: 1, chargesEmptySession: true, dollarsPerUnit: 0.16 },
    },
    provenance: [
      { figure: "maximumUp", grade: "S", source: "IridiumSBD library and PX4 on the 9602 and 9603" },
      { figure: "maximumDown", grade: "S", source: "IridiumSBD library and PX4 on the 9602 and 9603" },
      {
        figure: "downOnlyAfterUp",
        grade: "S",
        source: "NAL Research: delivered after an outgoing message or a mailbox check",
      },
      { figure: "airBps", grade: "V", source: "mailasail" },
      { figure: "latency", grade: "S", source: "fit of NAL Research: 5 s for 70 bytes, 20 s for 1960" },
      { figure: "minimumSpacingMs", grade: "V", source: "PX4: about every 40 s with a good view of the sky" },
      { figure: "retry.everyMs", grade: "V", source: "Rock7: wait a minute, for the satellites to have moved" },
      { figure: "retry.giveUpMs", grade: "S", source: "IridiumSBD.h" },
      { figure: "attemptSuccess", grade: "F", source: "no public figure: yours to set" },
      { figure: "acknowledgedBy", grade: "S", source: "IridiumSBD.h: a session answers whether the message was taken" },
      { figure: "bill.dollarsPerUnit", grade: "V", source: "PX4's documentation, out of date: prices have risen" },
      { figure: "bill", grade: "V", source: "jmalsbury.com: credits of 50 bytes, one even for an empty session" },
    ],
  },
  "isatdata-pro": {
    summary: "IsatData Pro",
    limit: "IsatData Pro takes messages of up to 6400 bytes, in frames of 5 s",
    facts: {
      maximumUp: 6400,
      maximumDown: 10_000,
      frameCycleMs: 5000,
      acknowledgedBy: "network",
      latency: { distribution: "lognormal", medianMs: 15_000, p95Ms: 60_000 },
      bill: { minimumPerMessage: 15, roundTo: 10, per: "kB" },
    },
    provenance: [
      { figure: "maximumUp", grade: "S", source: "Inmarsat's idpmodem" },
      { figure: "maximumDown", grade: "S", source: "Inmarsat's idpmodem" },
      { figure: "frameCycleMs", grade: "S", source: "ORBCOMM ST6100 hardware guide: ten sub-frames of half a second" },
      { figure: "acknowledgedBy", grade: "K", source: "Inmarsat's idpmodem: the modem tells the state of a message" },
      { figure: "latency", grade: "F", source: "15 s for 100 bytes is widely repeated and found in no primary source" },
      { figure: "bill", grade: "V", source: "satellitephonestore.com: 15 bytes at least, then steps of 10, by the kB" },
    ],
  },
  orbcomm: {
    summary: "ORBCOMM, store and forward in passes",
    limit: "ORBCOMM takes reports and messages of up to 229 bytes, while a satellite passes",
    facts: {
      packetSteps: [107, 228, 339],
      maximumStoreForwardUp: 229,
      maximumStoreForwardDown: 182,
      upBps: 2400,
      downBps: 4800,
      passes: { onMs: 840_000, offMs: 120_000 },
    },
    provenance: [
      { figure: "packetSteps", grade: "S", source: "Digi m10 Technical Overview: 107 bytes, 228, then 111 more each" },
      { figure: "maximumStoreForwardUp", grade: "S", source: "Digi m10 Technical Overview: GlobalGram" },
      { figure: "maximumStoreForwardDown", grade: "S", source: "Digi m10 Technical Overview: GlobalGram" },
      { figure: "upBps", grade: "V", source: "friends-partners.org/mwade" },
      { figure: "downBps", grade: "V", source: "friends-partners.org/mwade" },
      {
        figure: "passes",
        grade: "S",
        source: "USCG R&D Center: a pass of 14 min on average, a gap of 2 min, of 18 min when a satellite fails",
      },
    ],
  },
  astrocast: {
    summary: "Astrocast, a few passes a day",
    limit: "Astrocast takes messages of up to 160 bytes, in a few passes a day",
    facts: {
      maximumUp: 160,
      maximumDown: [8, 40],
      downOnlyAfterUp: true,
      passes: { perDay: 5, onMs: 90_000, minimumElevation: 40 },
      latencyMaximumMs: 86_400_000,
      acknowledgedBy: "satellite",
    },
    provenance: [
      { figure: "maximumUp", grade: "S", source: "docs.astrocast.com: 160 bytes, and 8 for a place" },
      { figure: "maximumDown", grade: "S", source: "docs.astrocast.com: commands of 8 or 40 bytes" },
      { figure: "downOnlyAfterUp", grade: "S", source: "docs.astrocast.com" },
      {
        figure: "passes",
        grade: "V",
        source: "disk91.com, 2022, ten satellites: about five windows a day of 1 to 2 min",
      },
      { figure: "latencyMaximumMs", grade: "S", source: "docs.astrocast.com" },
      { figure: "acknowledgedBy", grade: "S", source: "docs.astrocast.com" },
    ],
  },
  kineis: {
    summary: "Kinéis (Argos)",
    limit: "Kinéis takes messages of up to 24 bytes, repeated blindly while a satellite passes",
    facts: { maximumUp: 24, airBps: 400, blindRepeats: [3, 5], passes: { maximumOnMs: 720_000 } },
    provenance: [
      { figure: "maximumUp", grade: "K", source: "Argos data sheets, not read again" },
      { figure: "airBps", grade: "K", source: "Argos data sheets, not read again" },
      { figure: "blindRepeats", grade: "S", source: "kineis.com: each message is repeated 3 to 5 times" },
      { figure: "passes", grade: "S", source: "kineis.com: a pass lasts up to 12 min" },
    ],
  },
  "swarm-retired": {
    summary: "Swarm, whose service has ended",
    limit: "Swarm took messages of up to 192 bytes, and its service ended in March 2025",
    facts: {
      maximumUp: 192,
      queueMessages: 2048,
      messagesExpire: true,
      acknowledgedBy: "satellite",
      retired: "2025-03",
    },
    provenance: [
      { figure: "maximumUp", grade: "K", source: "Swarm data sheets, not read again" },
      { figure: "queueMessages", grade: "S", source: "Swarm M138 product manual" },
      { figure: "messagesExpire", grade: "S", source: "Swarm M138 product manual: HD, the time to hold a message" },
      { figure: "acknowledgedBy", grade: "S", source: "Swarm M138 product manual: $TD SENT" },
      { figure: "retired", grade: "S", source: "hackster.io" },
    ],
  },
  "ntn-geo-nbiot": {
    summary: "NB-IoT by way of a geostationary satellite (Skylo)",
    limit: "NB-IoT over GEO takes UDP packets of up to 1200 bytes, billed one by one",
    facts: {
      maximumPacket: 1200,
      latency: { distribution: "lognormal", medianMs: 10_000, p95Ms: 30_000 },
      bill: { minimumPerPacket: 50, includedHeaders: 28, per: "byte" },
    },
    provenance: [
      { figure: "maximumPacket", grade: "S", source: "docs.monogoto.io on NTN" },
      { figure: "latency.medianMs", grade: "S", source: "docs.monogoto.io on NTN: about 10 s" },
      { figure: "latency.p95Ms", grade: "F", source: "the tail and its shape are assumptions" },
      {
        figure: "bill",
        grade: "S",
        source: "docs.monogoto.io on NTN billing: 50 bytes at least, 28 of IP and UDP among them",
      },
    ],
  },
  "lorawan-eu868-sf12": {
    summary: "LoRaWAN in Europe at its slowest",
    limit: "LoRaWAN takes frames of up to 51 bytes at spreading factor 12, for 1 % of the time",
    facts: { maximumUp: 51, airtimeFormula: "semtech-an1200.13", dutyCycle: 0.01, receive1Ms: 1000, receive2Ms: 2000 },
    provenance: [
      { figure: "maximumUp", grade: "S", source: "Semtech SWL2001, region_eu_868_defs.h: 59 bytes less a header of 8" },
      { figure: "airtimeFormula", grade: "D", source: "Semtech AN1200.13: 2793.5 ms for 51 bytes" },
      { figure: "dutyCycle", grade: "S", source: "RFC 8376" },
      { figure: "receive1Ms", grade: "S", source: "RFC 8376" },
      { figure: "receive2Ms", grade: "S", source: "RFC 8376" },
    ],
  },
  "lora-lrfhss-dr8": {
    summary: "LoRa to a satellite by LR-FHSS",
    limit: "LR-FHSS takes frames of up to 50 bytes, while a satellite passes",
    facts: { maximumUp: 50, airBps: 162, passes: "from orbital elements" },
    provenance: [
      { figure: "maximumUp", grade: "S", source: "Semtech SWL2001: 58 bytes less a header of 8" },
      { figure: "airBps", grade: "K", source: "LR-FHSS at data rate 8, not read again" },
      { figure: "passes", grade: "D", source: "perigee passes computes them" },
    ],
  },
};

/** Links that are recordings, which belong to others: how to bring one. */
export const RECORDINGS: Readonly<Record<string, string>> = {
  "starlink-trace":
    'the recordings of LENS (github.com/clarkzjw/LENS, CC BY-SA 4.0) are not shipped; write its one-way delays into a link file, delay {"distribution": "table", "table": [...]}',
};
