/** `attributes.total`, as OTTL and SQL call the attribute `total`: here it is an attribute of that longer name. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { printAttribute } from '../print.ts';
import { walkRule } from '../walk.ts';
import { finding, type Lint } from './finding.ts';

export const attributeBehindAPrefix: Lint = (rule) => {
  const found: Diagnostic[] = [];
  walkRule(rule, {
    attribute(attribute, _by, at) {
      const { where, name, quoted } = attribute;
      // Quotes say that the longer name is meant.
      if (where === 'field' || quoted) return;
      const rest = /^attributes?\.(.+)$/.exec(name)?.[1];
      if (rest === undefined) return;
      const meant = printAttribute({ ...attribute, name: rest, quoted: /^(?:span|resource)\./.test(rest) });
      const kept = printAttribute({ ...attribute, quoted: true });
      found.push(
        finding(rule, {
          code: 'FL414',
          range: at,
          message: `\`${printAttribute(attribute)}\` is an attribute of that whole name, \`${name.slice(0, name.indexOf('.'))}.\` with it`,
          help: `write \`${meant}\`, or \`${kept}\` where the name has the prefix`,
        }),
      );
    },
  });
  return found;
};
