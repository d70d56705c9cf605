/** An attribute called `status`, `duration` or `kind`, where the span's own was probably meant. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { walkRule } from '../walk.ts';
import { finding, type Lint } from './finding.ts';

const FIELDS: ReadonlySet<string> = new Set(['status', 'duration', 'kind']);

export const attributeNamedLikeAField: Lint = (rule) => {
  const found: Diagnostic[] = [];
  walkRule(rule, {
    attribute({ where, name, quoted }, _by, at) {
      // Quotes around a name that needs none say that the attribute is meant.
      if (where !== 'any' || quoted || !FIELDS.has(name)) return;
      found.push(
        finding(rule, {
          code: 'FL408',
          severity: 'info',
          range: at,
          message: `\`${name}\` is an attribute of that name; what every span has is \`span.${name}\``,
          help: `write \`span.${name}\`, or \`"${name}"\` where the attribute is meant`,
        }),
      );
    },
  });
  return found;
};
