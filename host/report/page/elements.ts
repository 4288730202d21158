/** Elements of the page, made without markup in strings: what a topic or a file is called is text, whatever stands in it. */
import type { TableData } from "../data.ts";

type Child = Node | string;

/** An element with attributes and children. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A part of the page with a heading, which names it. */
export function section(id: string, title: string, isWide: boolean, ...children: readonly Child[]): HTMLElement {
  const attributes: Record<string, string> = { "aria-labelledby": `${id}-title`, id };
  if (isWide) attributes.class = "wide";
  return element("section", attributes, element("h2", { id: `${id}-title` }, title), ...children);
}

/** A table whose first column names its rows. */
export function table({ head, rows }: TableData, caption = "", isText = false): HTMLElement {
  const cells = (row: readonly string[]) =>
    row.map((cell, index) => (index === 0 ? element("th", { scope: "row" }, cell) : element("td", {}, cell)));
  const made = element(
    "table",
    isText ? { class: "text" } : {},
    element("thead", {}, element("tr", {}, ...head.map(cell => element("th", { scope: "col" }, cell)))),
    element("tbody", {}, ...rows.map(row => element("tr", {}, ...cells(row)))),
  );
  if (caption !== "") made.prepend(element("caption", {}, caption));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption || "table" }, made);
}

/** The figures behind a chart, for those who do not see it or want the number. */
export function behind(summary: string, data: TableData, isText = false): HTMLElement {
  return element("details", {}, element("summary", {}, summary), table(data, summary, isText));
}
