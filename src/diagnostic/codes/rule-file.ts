/** Problems of rule files, and of YAML as such for the other YAML files of Fluo. */
import type { CodeEntry } from '../codes.ts';

export const RULE_FILE_CODES = {
  FL301: {
    name: 'yaml-syntax',
    title: 'A Fluo file is well-formed YAML',
    explanation:
      'The file cannot be read as YAML, so nothing of it is loaded. The usual causes are a condition that holds `: `, ` #` or a quote and is not quoted itself, a tab in the indentation, and a bracket or quote that is left open. A block scalar (`condition: |`) takes any condition as it is.',
    bad: 'rules:\n  - id: a-then-b\n    condition: "a" and b\n',
    good: 'rules:\n  - id: a-then-b\n    condition: |\n      "a" and b\n',
  },
  FL302: {
    name: 'yaml-feature',
    title: 'Fluo reads plain YAML: maps, lists and scalars',
    explanation:
      'Anchors, aliases, merge keys, tags and several documents in one file are refused. A rule is reviewed by people, and must say what it means in the place where it stands; an alias can also make a short file unfold to gigabytes. Rules share values through `lists` and `macros`.',
    bad: 'rules:\n  - id: a-then-b\n    owner: &team payments\n    condition: a and b\n',
    good: 'rules:\n  - id: a-then-b\n    owner: payments\n    condition: a and b\n',
  },
  FL303: {
    name: 'duplicate-key',
    title: 'A key stands in a map once',
    explanation:
      'Two entries of one map have the same key. Most YAML readers take the last one without a word; here it is an error, for the first is then a rule or a setting that somebody believes in.',
    bad: 'rules:\n  - id: a-then-b\n    severity: low\n    severity: high\n    condition: a and b\n',
    good: 'rules:\n  - id: a-then-b\n    severity: high\n    condition: a and b\n',
  },
  FL304: {
    name: 'unknown-key',
    title: 'Every key is one that Fluo knows',
    explanation:
      'A key that is not known is most often a known one with a typing error. It is refused, because a setting that is silently not there is found out too late.',
    bad: 'rules:\n  - id: a-then-b\n    severty: high\n    condition: a and b\n',
    good: 'rules:\n  - id: a-then-b\n    severity: high\n    condition: a and b\n',
  },
  FL305: {
    name: 'missing-key',
    title: 'The required keys are there',
    explanation:
      'A rule needs an `id` and a `condition`; an exception needs `name`, `fields`, `values`, `reason` and `expires`.',
    bad: 'rules:\n  - id: a-then-b\n',
    good: 'rules:\n  - id: a-then-b\n    condition: a and b\n',
  },
  FL306: {
    name: 'wrong-type',
    title: 'A value has the type that its key expects',
    explanation:
      'Text, number, boolean, list and map are told apart as YAML does. Text that looks like a number, such as the control `164.312`, needs quotes. A key with nothing behind it has no value: give it one, or leave the key out.',
    bad: 'rules:\n  - id: a-then-b\n    compliance: HIPAA 164.312\n    condition: a and b\n',
    good: 'rules:\n  - id: a-then-b\n    compliance: ["HIPAA 164.312"]\n    condition: a and b\n',
  },
  FL307: {
    name: 'unknown-value',
    title: 'A value is one of those that its key knows',
    explanation:
      'Keys such as `severity`, `enforcement`, `on_incomplete` and `version` take one of a few values.',
    bad: 'rules:\n  - id: a-then-b\n    severity: urgent\n    condition: a and b\n',
    good: 'rules:\n  - id: a-then-b\n    severity: critical\n    condition: a and b\n',
  },
  FL308: {
    name: 'malformed-value',
    title: 'A value has the form that its key expects',
    explanation:
      'Ids are kebab-case, an invariant is `INVARIANT-44`, durations are `250ms`, `10m` or `1h`, a share is `5%`, an origin is one of `incident:`, `failure:`, `regulation:`, `spec:` with a reference behind it, a runbook is a URL, and a text is not empty.',
    bad: 'rules:\n  - id: A_then_B\n    condition: a and b\n',
    good: 'rules:\n  - id: a-then-b\n    condition: a and b\n',
  },
  FL309: {
    name: 'duplicate-rule-id',
    title: 'A rule id is unique over all loaded files',
    explanation:
      'Signals, tests, silences and exceptions name a rule by its id. Two rules with one id could not be told apart, so the later one is refused, and with it its file.',
    bad: 'rules:\n  - { id: a-then-b, condition: a and b }\n  - { id: a-then-b, condition: a and c }\n',
    good: 'rules:\n  - { id: a-then-b, condition: a and b }\n  - { id: a-then-c, condition: a and c }\n',
  },
  FL310: {
    name: 'file-too-large',
    title: 'A file keeps within the limits of size and depth',
    explanation:
      'A file may have a million characters, and collections nested 64 deep. Both are far above what people write, and keep a damaged or hostile file from taking the process down.',
  },
  FL311: {
    name: 'not-a-rule-file',
    title: 'A YAML file in a folder of rules has rules',
    explanation:
      'Every `*.yaml` and `*.yml` file in the folder is read as a rule file, except rule tests, which end in `.test.yaml`. A file without `rules:` is either another kind of file, or rules that nobody would load.',
    bad: 'invariants:\n  - id: a-then-b\n    condition: a and b\n',
    good: 'rules:\n  - id: a-then-b\n    condition: a and b\n',
  },
  FL312: {
    name: 'exception-row-length',
    title: 'A row of an exception has one value a field',
    explanation:
      'An exception names `fields`, and each row of `values` gives one value for each of them, in the same order. A row that is shorter or longer cannot be read.',
    bad: 'rules:\n  - id: a-then-b\n    condition: a and b\n    exceptions:\n      - { name: test, fields: [tenant_id, region], values: [[acme]], reason: internal, expires: 2099-03-01 }\n',
    good: 'rules:\n  - id: a-then-b\n    condition: a and b\n    exceptions:\n      - { name: test, fields: [tenant_id, region], values: [[acme, us]], reason: internal, expires: 2099-03-01 }\n',
  },
  FL313: {
    name: 'no-such-date',
    title: 'A date is a day of the calendar',
    explanation:
      'Dates are written `YYYY-MM-DD`, and the day must exist. An exception excepts nothing from the start of that day (UTC) on.',
    bad: 'rules:\n  - id: a-then-b\n    condition: a and b\n    exceptions:\n      - { name: test, fields: [tenant_id], values: [[acme]], reason: internal, expires: 2099-02-30 }\n',
    good: 'rules:\n  - id: a-then-b\n    condition: a and b\n    exceptions:\n      - { name: test, fields: [tenant_id], values: [[acme]], reason: internal, expires: 2099-02-28 }\n',
  },
  FL314: {
    name: 'exception-field',
    title: 'A field of an exception is an attribute as the language writes it',
    explanation:
      'The fields of an exception are attributes: `tenant_id`, `resource.cloud.region`, `span.service`. A name with other characters is quoted twice, once for YAML and once for the language: `\'"my attribute"\'`. Values are compared, and nothing in an exception is run as a rule.',
    bad: 'rules:\n  - id: a-then-b\n    condition: a and b\n    exceptions:\n      - { name: test, fields: [span.servce], values: [[shop]], reason: internal, expires: 2099-03-01 }\n',
    good: 'rules:\n  - id: a-then-b\n    condition: a and b\n    exceptions:\n      - { name: test, fields: [span.service], values: [[shop]], reason: internal, expires: 2099-03-01 }\n',
  },
  FL315: {
    name: 'exception-needs-anywhere',
    title: 'A rule without a trigger takes only exceptions with `anywhere`',
    explanation:
      'An exception takes spans out of those that trigger a rule. A rule without a trigger has none, so an exception can only concern the whole trace: `anywhere: true` excepts a trace in which any span has the values.',
    bad: 'rules:\n  - id: no-bypass\n    condition: never { bypass }\n    exceptions:\n      - { name: test, fields: [tenant_id], values: [[acme]], reason: internal, expires: 2099-03-01 }\n',
    good: 'rules:\n  - id: no-bypass\n    condition: never { bypass }\n    exceptions:\n      - { name: test, fields: [tenant_id], values: [[acme]], anywhere: true, reason: internal, expires: 2099-03-01 }\n',
  },
  FL316: {
    name: 'invariant-without-incident',
    title: 'An INVARIANT number is earned by an incident',
    explanation:
      "Only a failure of one's own makes an invariant, and a spec delta that was approved gives it the number. A rule that comes from a public failure, a regulation or a specification is a practice: it is judged like any rule, and has no number.",
    bad: 'rules:\n  - id: a-then-b\n    invariant: INVARIANT-44\n    origin: "regulation:SOC2 CC7.2"\n    condition: a and b\n',
    good: 'rules:\n  - id: a-then-b\n    invariant: INVARIANT-44\n    origin: incident:2026-01-20-double-charge\n    condition: a and b\n',
  },
  FL317: {
    name: 'exception-expired',
    title: 'An exception is renewed or removed when it expires',
    explanation:
      'The day has come on which the exception ends, so it excepts nothing any more: what it let pass is now judged. Either the reason is gone, and the exception can go too, or somebody decides again and writes a new date.',
    bad: 'rules:\n  - id: a-then-b\n    origin: spec:checkout\n    condition: a and b\n    exceptions:\n      - { name: migration, fields: [tenant_id], values: [[acme]], reason: moves in May, expires: 2020-06-01 }\n',
    good: 'rules:\n  - id: a-then-b\n    origin: spec:checkout\n    condition: a and b\n    exceptions:\n      - { name: migration, fields: [tenant_id], values: [[acme]], reason: moves in May, expires: 2099-06-01 }\n',
  },
  FL318: {
    name: 'no-origin',
    title: 'A rule says why it exists',
    explanation:
      '`origin` names the failure, the regulation or the specification behind the rule. Without it nobody can tell later whether the rule may go.',
    bad: 'rules:\n  - id: a-then-b\n    condition: a and b\n',
    good: 'rules:\n  - id: a-then-b\n    origin: incident:2026-01-20-double-charge\n    condition: a and b\n',
  },
  FL319: {
    name: 'macro-within-itself',
    title: 'A macro does not use itself',
    explanation:
      'A macro may use other macros of its file, and is put in their place when the file is loaded. A circle of macros has no end, and no meaning.',
    bad: 'macros: { paid: "$settled.where(amount > 0)", settled: "$paid" }\nrules:\n  - id: a-then-b\n    condition: $paid and b\n',
    good: 'macros: { paid: "$settled.where(amount > 0)", settled: payment.settle }\nrules:\n  - id: a-then-b\n    condition: $paid and b\n',
  },
  FL320: {
    name: 'folded-comment',
    title: 'A comment in a condition ends where its line ends',
    explanation:
      'A `//` comment reaches to the end of the line. In a folded block (`>`), and in a plain or quoted text of several lines, YAML joins the lines before the condition is read, so the comment would take all that follows with it and the rule would say less than was written. A block with `|` keeps its lines.',
    bad: 'rules:\n  - id: a-then-c\n    condition: >-\n      a and c // never with b\n      and not b\n',
    good: 'rules:\n  - id: a-then-c\n    condition: |\n      a and c // never with b\n      and not b\n',
  },
} as const satisfies Record<string, CodeEntry>;
