import type { CallOptions } from '../../../content/store.js';
import type { PublishPlan } from '../../../ensure/publish-plan.js';
import type { Context } from '../../context.js';
import { readYes } from '../../open/read-yes.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import type { Paint } from '../../output/screen.js';
import { createPaint } from '../../output/terminal.js';

/** Lists what would be published and asks at the terminal; yes if standard input is not a terminal. */
export async function confirmAtTerminal(
  context: Context,
  options: Pick<CommonOptions, 'color'>,
  plans: readonly PublishPlan[],
  { signal }: CallOptions,
): Promise<boolean> {
  const { stdin, stderr } = context;
  if (!stdin.isTTY) return true;
  stderr.lines(showPlans(plans, createPaint(context, 'stderr', options)));
  stderr.ask('Publish? Anything but yes publishes nothing. [y/N] ');
  return await readYes(stdin, signal);
}

/** What would be published. */
function showPlans(plans: readonly PublishPlan[], paint: Paint): string[] {
  const lines = plans.flatMap((plan) => [
    `  ${paint('bold', plan.bundle)} ${whatOf(plan)}`,
    ...(plan.uncommitted.length > 0
      ? [`    ${paint('yellow', 'warning:')} not committed: ${plan.uncommitted.join(', ')}`]
      : []),
  ]);
  const what = count(plans.length, 'bundle');
  return [`About to publish ${what}:`, ...lines];
}

function whatOf({ reference, replaces, moving, uploads }: PublishPlan): string {
  const tags = moving.length > 0 ? `${uploads ? ', then the' : 'the'} moving tags ${moving.join(', ')}` : '';
  if (!uploads) return `${tags} of ${reference}`;
  const over = replaces === null ? '' : `, in place of ${replaces}`;
  return `to ${reference}${over}${tags}`;
}
