import type { ErrorFamily } from './error-family.js';

export const otherErrors = {
  page: 'other',
  title: 'Other errors',
  intro: 'An interrupted run, a failed phase of a test environment, and defects.',
  errors: {
    INTERRUPTED: {
      means: 'SIGINT or SIGTERM ended the run. Every file is complete, and the next run does the rest.',
      example: 'Interrupted by SIGINT',
      remedy: 'Run the command again.',
    },
    PHASE_FAILED: {
      means:
        "Library only: a phase of `runPhases` failed and what was set up before was taken down, or taking it down failed. `cause` is the phase's own error; `details.trace` records when each phase ran.",
      example: 'The phase "registry" failed: Cannot listen on "127.0.0.1:5055": another program does',
      remedy: 'Read the error of the named phase. [Phases](guides/phases.md) describes the order.',
    },
    UNEXPECTED: {
      means: 'This is a defect of `bundles`, or a failure of the system that it does not recognise.',
      example: "Unexpected failure: Cannot read properties of undefined (reading 'length')",
      remedy: 'Report it with the stack that is printed.',
    },
  },
} as const satisfies ErrorFamily;
