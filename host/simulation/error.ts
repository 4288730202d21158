/** The one error of a simulation that cannot be: a message of one line that names the offender and the rule. */
export class SimulationError extends Error {
  override name = "SimulationError";
}
