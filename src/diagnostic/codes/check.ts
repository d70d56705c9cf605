/** What can be wrong with the meaning of a rule whose text can be read. */
import type { CodeEntry } from '../codes.ts';

export const CHECK_CODES = {
  FL201: {
    name: 'unknown-macro',
    title: 'A `$name` in the place of a selector is a macro of the rule file',
    explanation:
      'Macros are selectors with a name, given under `macros:` of the rule file that the rule stands in. They do not reach into other files.',
    bad: 'never { $piad }',
    good: 'never { payment.charge.where(span.status != error) }',
  },
  FL202: {
    name: 'unknown-list',
    title: 'A `$name` behind `in` is a list of the rule file',
    explanation:
      'Lists are values with a name, given under `lists:` of the rule file that the rule stands in. They do not reach into other files.',
    bad: 'never { payment.charge.where(processor not in $card_processors) }',
    good: 'never { payment.charge.where(processor not in [stripe, square]) }',
  },
  FL203: {
    name: 'macro-cycle',
    title: 'A macro does not use itself',
    explanation:
      'A macro may use other macros of its file. Where these lead back to it, there is no end to writing it out.',
  },
  FL204: {
    name: 'broken-macro',
    title: 'The macros that a rule uses are without errors',
    explanation:
      'The macro has an error of its own, which is told where the macro stands. The rule that uses it cannot be judged until that is mended.',
  },
  FL205: {
    name: 'macro-too-large',
    title: 'Macros stay small when they are written out',
    explanation:
      'A macro that uses another one twice, which uses another one twice, and so on, grows beyond all bounds. A rule may have 10,000 parts that come from macros, and macros may use each other 16 deep.',
  },
  FL206: {
    name: 'invalid-regular-expression',
    title: 'A regular expression is one of RE2',
    explanation:
      'Expressions are those of RE2, the engine of DuckDB and ClickHouse as well: without back-references and look-around, for attributes come from outside and must not be able to stop the program. They are anchored at both ends: write `.*` for a part match.',
    bad: 'never { matches "GET /v[12/.*" }',
    good: 'never { matches "GET /v[12]/.*" }',
  },
  FL207: {
    name: 'false-of-an-empty-trace',
    title: 'A rule without a trigger is true of a trace in which nothing happened',
    explanation:
      'A rule without a trigger is judged on every trace. If it is false where nothing happened, it alarms on every health check. Say when it is due: `when { ... } always { ... }`, or the short form `trigger and requirement`, whose first term is a selector.',
    bad: 'count(payment.charge) == 1',
    good: 'when { payment.charge } always { count(payment.charge) == 1 }',
  },
  FL208: {
    name: 'unbound-name',
    title: 'The first part of a reference is bound by `each`, or is `this`',
    explanation:
      'On the right side of a comparison a word with a dot refers to another attribute: of the span that `each` binds (`charge.amount`), or of the same span (`this.amount`). Text with a dot in it is quoted.',
    bad: 'never { api.request.where(host == api.example) }',
    good: 'never { api.request.where(host == "api.example") }',
  },
  FL209: {
    name: 'bound-span-as-selector',
    title: 'A bound name stands for one span, and not for a selector',
    explanation:
      'The name that `each` gives stands in the steps `.before`, `.after`, `.child_of` and `.inside`, and before a dot on the right side of a comparison. It hides spans of that name: quote them.',
    bad: 'when { each payment.charge as charge } always { has(charge) }',
    good: 'when { each payment.charge as charge } always { inventory.reserve.before(charge) }',
  },
  FL210: {
    name: 'bound-too-early',
    title: 'A name is used after `each` has bound it',
    explanation:
      'Within the selector of `each` there is no bound span yet: the selector says which spans will be bound.',
    bad: 'when { each payment.charge.after(charge) as charge } always { audit.log }',
    good: 'when { each payment.charge.after(cart.checkout) as charge } always { audit.log }',
  },
  FL211: {
    name: 'reserved-bound-name',
    title: 'A bound name is one plain word without a meaning of its own',
    explanation:
      'It consists of letters, digits and `_`, begins with no digit, and is no word of the language, no function or step, and none of `this`, `span`, `resource` and `trace`.',
    bad: 'when { each payment.charge as count } always { audit.log }',
    good: 'when { each payment.charge as charge } always { audit.log }',
  },
  FL212: {
    name: 'bound-name-on-the-left',
    title: 'A bound name is not the first part of an attribute on the left side',
    explanation:
      'The left side of a test is an attribute of the span in question, and never of the bound one: `cart.id == cart.id` would compare the attribute `cart.id` with the attribute `id` of the span `cart`. Choose another name, or exchange the sides.',
    bad: 'when { each cart.checkout as cart } always { payment.charge.where(cart.id == cart.id) }',
    good: 'when { each cart.checkout as c } always { payment.charge.where(cart.id == c.cart.id) }',
  },
  FL213: {
    name: 'span-as-value',
    title: 'A value is compared with an attribute of a span, not with the span',
    explanation: 'A bound name and `this` need an attribute behind them on the right side of a comparison.',
    bad: 'when { each api.request as r } never { database.query.where(tenant_id != r) }',
    good: 'when { each api.request as r } never { database.query.where(tenant_id != r.tenant_id) }',
  },
  FL214: {
    name: 'ordered-text',
    title: 'Only numbers, durations and times are greater or less',
    explanation:
      'Texts and booleans are equal or not. A number that a team sends as text is compared with `number(amount) > 1000`.',
    bad: 'never { payment.charge.where(amount > "1000") }',
    good: 'never { payment.charge.where(amount > 1000) }',
  },
  FL215: {
    name: 'text-expected',
    title: '`matches`, `contains`, `starts_with` and `ends_with` take a text',
    explanation:
      'On their right side stands a text, or, except with `matches`, an attribute; `contains` takes any value, for it asks an array for an element too. A regular expression is written in the rule, so that it can be checked when the rule is loaded.',
    bad: 'never { api.request.where(path starts_with 42) }',
    good: 'never { api.request.where(path starts_with "42") }',
  },
  FL216: {
    name: 'duration-expected',
    title: 'A duration is compared with a duration',
    explanation:
      '`span.duration`, `span.self` and `trace.duration` are durations, and a number without a unit is none.',
    bad: 'trace.duration <= 2',
    good: 'trace.duration <= 2s',
  },
  FL217: {
    name: 'number-expected',
    title: 'Durations are compared with `span.duration`, `span.self` and `trace.duration` only',
    explanation:
      'Counts, sums and attributes are numbers. An attribute that holds milliseconds is compared with a number of milliseconds.',
    bad: 'count(payment.charge) <= 5s',
    good: 'count(payment.charge) <= 5',
  },
  FL218: {
    name: 'unknown-field-value',
    title: '`span.status` and `span.kind` are compared with values that they can have',
    explanation:
      'A status is `ok`, `error` or `unset`; a kind is `internal`, `server`, `client`, `producer`, `consumer` or `unspecified`. Any other text would never be equal.',
    bad: 'never { payment.charge.where(span.status == failed) }',
    good: 'never { payment.charge.where(span.status == error) }',
  },
  FL219: {
    name: 'unsuited-operator',
    title: 'A field of the span is asked what its type allows',
    explanation:
      'A status and a kind are equal or not, or in a list. `span.start` and `span.end` are compared with those of the bound span or of the same span. `span.events` is an array, of which `contains` can be asked.',
    bad: 'never { payment.charge.where(span.events == exception) }',
    good: 'never { payment.charge.where(span.events contains exception) }',
  },
  FL220: {
    name: 'trace-duration-across-traces',
    title: '`trace.duration` is not asked of a group of traces',
    explanation:
      'Within `across` a scope is a group of spans from several traces, and so there is no one trace to measure.',
    bad: 'across cart.id within 5m { trace.duration <= 2s }',
    good: 'trace.duration <= 2s',
  },
  FL221: {
    name: 'window-out-of-range',
    title: 'The window of `across` is longer than nothing and not longer than 1h',
    explanation:
      'Spans belong to one group as long as each starts within the window after the one before it. A group is kept open for so long, and none is kept longer than `max_group_age`, which is 1h.',
    bad: 'across cart.id within 2h { count(payment.charge) <= 1 }',
    good: 'across cart.id within 1h { count(payment.charge) <= 1 }',
  },
  FL222: {
    name: 'unsuited-key',
    title: 'A key of `across` is an attribute, `span.service` or `span.name`',
    explanation:
      'Spans with the same key form a group. The other fields of a span say nothing about what belongs together.',
    bad: 'across span.duration within 5m { count(payment.charge) <= 1 }',
    good: 'across cart.id within 5m { count(payment.charge) <= 1 }',
  },
  FL223: {
    name: 'written-twice',
    title: 'A list or a key has each member once',
    explanation: 'The second mention changes nothing. Usually another value was meant.',
    bad: 'never { payment.charge.where(processor in [stripe, stripe]) }',
    good: 'never { payment.charge.where(processor in [stripe, square]) }',
  },
  FL224: {
    name: 'empty-list',
    title: 'A list of the rule file has values',
    explanation: 'Nothing is in an empty list, and so the comparison could never be true.',
  },
  FL225: {
    name: 'not-a-count',
    title: 'A number of spans is compared with a whole number from 0 up',
    explanation:
      '`count` and `distinct` give 0, 1, 2 and so on. A comparison with a fraction or a negative number has always the same answer.',
    bad: 'count(payment.charge) <= 1.5',
    good: 'count(payment.charge) <= 1',
  },
  FL226: {
    name: 'different-types',
    title: 'Both sides of a comparison have the same type',
    explanation:
      'A number never equals a text. `number(a)` is a number, `text(a)` and the names of a span are texts. Fields of the span have a type already and are not converted.',
    bad: 'never { payment.charge.where(number(amount) == "1000") }',
    good: 'never { payment.charge.where(number(amount) == 1000) }',
  },
  FL227: {
    name: 'not-a-truth-value',
    title: 'What stands alone in a predicate is an attribute that may be true',
    explanation:
      'An attribute without an operator asks whether it is the boolean true. A field of the span, a number and a text never are.',
    bad: 'never { payment.charge.where(span.status) }',
    good: 'never { payment.charge.where(span.status == error) }',
  },
  FL228: {
    name: 'field-always-exists',
    title: 'Fields that every span has are not asked for',
    explanation:
      'Name, kind, status, times and events are there for every span, so `exists` is always true of them and `not exists` never. A service and an instrumentation scope may be missing, and attributes may: ask for those.',
    bad: 'never { payment.charge.where(span.kind not exists) }',
    good: 'never { payment.charge.where(span.service not exists) }',
  },
  FL229: {
    name: 'unsuited-measured-field',
    title: '`sum` adds attributes, `distinct` counts values that can repeat',
    explanation:
      'Fields of the span are no numbers, and times and durations are different nearly always. `distinct` takes attributes and `span.name`, `span.service`, `span.scope`, `span.kind` and `span.status`.',
    bad: 'payment.charge and sum(database.query, span.duration) <= 100',
    good: 'payment.charge and sum(database.query, rows) <= 100',
  },
} as const satisfies Record<string, CodeEntry>;
