/**
 * The pictures of README, drawn by what draws the reports: bench/pictures/*.svg. They measure nothing of this machine: the same seed is the same
 * picture, and the sizes are those of bench/size.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { planOf, type SimFlags } from "../host/cli/sim-plan.ts";
import type { SimulationData } from "../host/report/data.ts";
import { delayChart } from "../host/report/page/delay-chart.ts";
import { paletteOf } from "../host/report/page/palette.ts";
import { sequenceSvg } from "../host/report/page/sequence.ts";
import { simulationReport } from "../host/report/simulation-report.ts";
import { type MessageName, observe } from "../host/simulation/index.ts";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const source = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

/** The colours of a report in light; the first of each name in its style. */
const style = source("host/report/page.html");
const palette = paletteOf(name => new RegExp(`${name}: (#[0-9a-f]+);`).exec(style)?.[1] ?? "#000");

function save(name: string, title: string, text: string): void {
  const svg = text.replace(/(<svg[^>]*>)/, (_, open: string) => `${open}<title>${title}</title>`);
  writeFileSync(new URL(`../bench/pictures/${name}.svg`, import.meta.url), `${svg}\n`);
  console.log(`bench/pictures/${name}.svg: ${svg.length} bytes`);
}

/** A chart as SVG on the paper of a report, so that it is read on a dark page too. */
function drawn(option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption({ ...option, backgroundColor: palette.card });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // Styles for a pointer that a picture never sees.
  return svg.replace(/<style[\s\S]*?<\/style>/g, "").replace(/ class="[^"]*"/g, "");
}

function simulated(flags: Partial<SimFlags>, wanted?: readonly MessageName[]): SimulationData {
  const defaults = { sensors: "50", qos: "0,1,2", seed: "7", topic: "sensors/{sensor}", keepAlive: "60", tcp: "lwip" };
  const plan = planOf({ ...defaults, window: "8", outbox: "16384", ...flags });
  const observed = observe(plan.options, plan.qosList, plan.versions, wanted);
  return simulationReport(observed, plan.options, { version: "", command: "", summary: "", figures: [], facts: [] });
}

/** Code of the core beside others', from the committed table. */
function coreSizes(): EChartsCoreOption {
  const table = source("bench/size.md");
  const codeOf = (module: string) =>
    Number(new RegExp(`\\| ${module} \\|[^|]+\\| ([0-9,]+) \\|`).exec(table)?.[1].replaceAll(",", ""));
  const bars = [
    ["Perigee, a sensor", codeOf("perigee-sensor.wasm")],
    ["Perigee, 3.1.1", codeOf("perigee-v311.wasm")],
    ["Paho embedded C, 3.1.1", 6344],
    ["coreMQTT 2.3.1, 3.1.1", 8826],
    ["Perigee, 3.1.1 and 5.0", codeOf("perigee.wasm")],
    ["wolfMQTT, 3.1.1 and 5.0", 18_281],
    ["coreMQTT 5, 5.0", 21_722],
  ] as const;
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    grid: { left: 180, right: 70, top: 10, bottom: 34 },
    xAxis: {
      type: "value",
      name: "bytes of WebAssembly",
      nameLocation: "middle",
      nameGap: 22,
      axisLabel: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: bars.map(([name]) => name),
      axisTick: { show: false },
      axisLabel: { color: palette.ink },
      axisLine: { lineStyle: { color: palette.line } },
    },
    series: [
      {
        type: "bar",
        barWidth: "62%",
        label: { show: true, position: "right", color: palette.ink },
        data: bars.map(([name, value]) => ({
          value,
          itemStyle: { color: name.startsWith("Perigee") ? palette.series[0] : palette.shade },
        })),
      },
    ],
  };
}

save("core-size", "Bytes of WebAssembly", drawn(coreSizes(), 720, 250));

const tail = delayChart(simulated({}), palette, true);
save("delay-tail", "Messages not yet delivered, by delay", drawn(tail, 720, 340));

// Of four sensors the fourth is the same as of fifty: each has streams of its own.
const MESSAGE = { sensor: 3, sequence: 248 };
const { rows } = simulated({ sensors: "4", qos: "1", duration: "5h" }, [MESSAGE]);
const life = rows[0].lives.find(({ sensor, number }) => sensor === MESSAGE.sensor && number === MESSAGE.sequence);
if (life === undefined) throw new Error("the message of the picture was never published");
const words = ".words { paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-linejoin: round }";
const ground = `<style>svg { font: 12px system-ui, sans-serif } ${words}</style><rect width="100%" height="100%" fill="${palette.card}"/>`;
const drawing = sequenceSvg(life, palette, false).replace(/(<svg[^>]*>)/, (_, open: string) => open + ground);
save("message-life", "The life of a message", drawing);
