import type { Maintainer } from '../../workflow/declaration.js';
import { type ConfigNode, listAt, recordAt, report, requireAt } from '../../yaml-file/config-node.js';
import { parseText } from './parse-scalar.js';

const emailRule = { wanted: 'an e-mail address', pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/, longest: 320 };

/** Who looks after a workflow; undefined where nothing is said. */
export function parseMaintainers(place: ConfigNode): readonly Maintainer[] | undefined {
  const items = listAt(place);
  if (items?.length === 0) report(place, 'found an empty list, wanted at least one maintainer');
  return items?.flatMap((item) => {
    const places = recordAt(item, ['name', 'email']);
    requireAt(places.name, 'a name');
    requireAt(places.email, emailRule.wanted);
    const name = parseText(places.name, { wanted: 'a name', longest: 255 });
    const email = parseText(places.email, emailRule);
    return name === undefined || email === undefined ? [] : [{ name, email }];
  });
}
