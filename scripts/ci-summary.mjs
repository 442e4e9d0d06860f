// node scripts/ci-summary.mjs CHECKS REPORTS: adds up vitest's JSON reports and the stages of .ci/run; exit 1 on any failure.
// CHECKS has a line `EXITCODE NAME` per stage; REPORTS is a directory with NAME.json for the stages that are test suites.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [checksFile, reports] = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const line of readFileSync(checksFile, 'utf8').trim().split('\n')) {
  const [, code, name] = /^(\d+) (.*)$/.exec(line);
  const report = join(reports, `${name}.json`);
  const counted = existsSync(report) ? countTests(report) : { passed: 0, failed: 0, skipped: 0 };
  // A stage that failed without a failed test (a crash, a suite that does not load) counts as one.
  if (code !== '0' && counted.failed === 0) counted.failed = 1;
  if (code === '0' && !existsSync(report)) counted.passed = 1;
  if (code !== '0') console.log(`failed: ${name}`);
  for (const key of Object.keys(sum)) sum[key] += counted[key];
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

function countTests(path) {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  for (const { name, assertionResults } of report.testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status === 'failed') console.log(`failed: ${name}: ${fullName}`);
    }
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
