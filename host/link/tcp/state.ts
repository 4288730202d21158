/** The states of RFC 9293 3.3.2 that differ in what a segment means. `open` is ESTABLISHED to TIME-WAIT: the two FINs are tracked apart. */
export type State = "idle" | "listening" | "synSent" | "synReceived" | "open" | "closed" | "vanished";

/** tcp_fin_timeout: how long a closed end waits for the other's FIN. */
export const FIN_WAIT_US = 60_000_000;
