/**
 * A few element sets that were public, frozen at their epochs: enough to try passes without a download, and never fetched, so that a run is the same
 * tomorrow. For a satellite of today take today's elements (CelesTrak, Space-Track): after two weeks passes shift by minutes.
 *
 * ISS 2019 and Helios 2A are the samples of satellite.js; Iridium 106 is the published set of 2026-08-06.
 */

/** Elements by name, as they were published: two lines, or an orbit mean-elements message (CCSDS 502.0-B). */
export const FROZEN_ELEMENTS: Readonly<Record<string, string>> = {
  "iss-2019": `ISS (ZARYA)
1 25544U 98067A   19156.50900463  .00003075  00000-0  59442-4 0  9992
2 25544  51.6433  59.2583 0008217  16.4489 347.6017 15.51174618173442
`,
  "iridium-106-2026": `IRIDIUM 106
1 41917U 17003A   26218.60789712  .00000007  00000+0 -47112-5 0  9999
2 41917  86.3916  67.4653 0002371  88.0439 272.1028 14.34217459500437
`,
  "helios-2a-2025": `{
  "OBJECT_NAME": "HELIOS 2A",
  "OBJECT_ID": "2004-049A",
  "EPOCH": "2025-03-26T05:19:34.116960",
  "MEAN_MOTION": 15.00555103,
  "ECCENTRICITY": 0.000583,
  "INCLINATION": 98.3164,
  "RA_OF_ASC_NODE": 103.8411,
  "ARG_OF_PERICENTER": 20.5667,
  "MEAN_ANOMALY": 339.5789,
  "EPHEMERIS_TYPE": 0,
  "CLASSIFICATION_TYPE": "U",
  "NORAD_CAT_ID": 28492,
  "ELEMENT_SET_NO": 999,
  "REV_AT_EPOCH": 8655,
  "BSTAR": 0.00048021,
  "MEAN_MOTION_DOT": 0.00005995,
  "MEAN_MOTION_DDOT": 0
}
`,
};
