/** Tables as RFC 4180 has them, with a line feed after each row. */

/** A field with a comma, a quote or a line break stands in quotes; a number is as short as it can be read back to ten figures. */
export function csvLine(fields: readonly (string | number)[]): string {
  return `${fields.map(field => (typeof field === "number" ? number(field) : quoted(field))).join(",")}\n`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(10)));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
