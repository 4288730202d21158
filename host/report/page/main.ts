/** The script of a report: draws what the page has as data. It asks for nothing else. */
import type { ReportData } from "../data.ts";
import { element } from "./elements.ts";
import { showSimulation } from "./simulation.ts";
import { showSweep } from "./sweep.ts";

const place = (id: string) => document.getElementById(id) as HTMLElement;

const data: ReportData | null = JSON.parse(place("data").textContent ?? "null");
if (data !== null) {
  place("head").append(element("h1", {}, data.title));
  if (data.kind === "simulation") showSimulation(data, place("head"), place("main"));
  else showSweep(data, place("head"), place("main"));
  place("foot").append(`perigee ${data.version}. This file is whole in itself and asks the network for nothing.`);
}
