/** The page that lists every rule of the library. */
import { describeRule } from '../../src/language/describe.ts';
import { DOMAINS, type Domain, libraryRules } from './domains.ts';

const TITLES: { readonly [domain in Domain]: string } = {
  payments: 'Payments',
  'multi-tenancy': 'Several tenants',
  compliance: 'Compliance and audit',
  'ai-guardrails': 'AI guardrails',
  healthcare: 'Healthcare',
};

export function libraryIndex(): string {
  const domains = DOMAINS.map((domain) => ({ domain, rules: libraryRules(domain) }));
  const count = domains.reduce((sum, { rules }) => sum + rules.length, 0);
  const lines = [
    '# Invariant library',
    '',
    `${count} rules in ${DOMAINS.length} domains, ready to be copied into your own rule folder and changed there. Each comes with the tests that`,
    'show what it means: a trace that satisfies it, one that violates it, one to which it does not apply, and the traps between.',
    '',
    '    fluo library list                      # all of them',
    '    fluo library show cart-charged-once    # the file that a rule is in',
    '    fluo library add payments              # a domain with its tests, into your rule folder',
    '',
    'The rules are `audit-only` until you decide otherwise. They have no `owner`: add yours. The [playbooks](../playbooks/README.md)',
    'say what goes wrong in each domain and how to instrument for the rules.',
    '',
    'This page is made from the files in `library/`.',
  ];
  for (const { domain, rules } of domains) {
    lines.push('', `## ${TITLES[domain]}`, '', `Playbook: [${domain}](../playbooks/${domain}.md).`);
    let file = '';
    for (const rule of rules) {
      if (rule.file.name !== file) {
        file = rule.file.name;
        lines.push('', `### \`${file}\``);
      }
      const facts = [
        rule.severity,
        rule.category ?? '',
        ...rule.compliance,
        rule.origin === null ? '' : `${rule.origin.kind}: ${rule.origin.reference}`,
      ].filter((fact) => fact !== '');
      lines.push(
        '',
        `#### ${rule.id}`,
        '',
        `**${rule.name}.** ${facts.join(' · ')}`,
        '',
        describeRule(rule.condition),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
