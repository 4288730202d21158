/**
 * Whether a topic matches a filter, sections 4.7.1 and 4.7.2; both are valid.
 */
export function topicMatches(filter: string, topic: string): boolean {
  // [MQTT-4.7.2-1]
  if (topic.startsWith("$") && !filter.startsWith("$")) return false;
  const [wanted, levels] = [filter.split("/"), topic.split("/")];
  for (const [index, level] of wanted.entries()) {
    if (level === "#") return true;
    if (index >= levels.length || (level !== "+" && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
