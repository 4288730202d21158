/**
 * Bearers that carry single messages and no TCP, by the names under which people will ask for them, each with the limit that says why.
 */
export const MESSAGE_BEARERS: Readonly<Record<string, string>> = {
  "iridium-sbd":
    "Short Burst Data takes messages of up to 340 bytes, and brings back up to 270 only after one was sent",
  "isatdata-pro": "IsatData Pro takes messages of up to 6400 bytes, in frames of 5 s",
  orbcomm: "ORBCOMM takes reports and messages of up to 229 bytes, while a satellite passes",
  astrocast: "Astrocast takes messages of up to 160 bytes, in a few passes a day",
  kineis: "Kinéis takes messages of up to 24 bytes, repeated blindly while a satellite passes",
  "swarm-retired": "Swarm took messages of up to 192 bytes, and its service ended in March 2025",
  "ntn-geo-nbiot": "NB-IoT over GEO takes UDP packets of up to 1200 bytes, billed one by one",
  "lorawan-eu868-sf12": "LoRaWAN takes frames of up to 51 bytes at spreading factor 12, for 1 % of the time",
  "lora-lrfhss-dr8": "LR-FHSS takes frames of up to 50 bytes, while a satellite passes",
};
