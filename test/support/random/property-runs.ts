/** How often a property is tried; `PROPERTY_RUNS` in the shell asks for more, e.g. 100000. */
export const numRuns = Number(process.env.PROPERTY_RUNS ?? 500);

/** The test's own options: time grows with the runs. */
export const patient = { timeout: 60_000 + numRuns * 3 };
