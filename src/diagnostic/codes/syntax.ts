/** What can be wrong with the text of a rule before it is asked what it means. */
import type { CodeEntry } from '../codes.ts';

export const SYNTAX_CODES = {
  FL101: {
    name: 'unknown-character',
    title: 'A rule consists of names, values, operators and brackets',
    explanation:
      'The text has a character that the language has no use for. Often it belongs to a name, such as the `/` of an HTTP route: names with other characters than letters, digits, `_`, `-` and dots are quoted.',
    bad: 'payment.charge and inventory.reserve;',
    good: 'payment.charge and inventory.reserve',
  },
  FL102: {
    name: 'unterminated-text',
    title: 'A text in quotes ends on the line where it begins',
    explanation:
      'A `"` opens a text and the line ends before another `"` closes it. Within the text a quote is written `\\"`.',
    bad: 'never { "POST /checkout }',
    good: 'never { "POST /checkout" }',
  },
  FL103: {
    name: 'unknown-escape',
    title: 'In a text only `\\"` and `\\\\` are escapes',
    explanation:
      'A backslash in a text is written twice. This matters most in regular expressions: the expression `\\d+` is the text `"\\\\d+"`.',
    bad: 'never { matches "order-\\d+" }',
    good: 'never { matches "order-\\\\d+" }',
  },
  FL104: {
    name: 'foreign-quotes',
    title: 'A text stands in double quotes',
    explanation: 'Single quotes, back quotes and the curved quotes of word processors do not open a text.',
    bad: "never { 'POST /checkout' }",
    good: 'never { "POST /checkout" }',
  },
  FL105: {
    name: 'foreign-operator',
    title: 'Operators are spelled as this language spells them',
    explanation:
      'Equality is `==`, and the logical operators are the words `and`, `or` and `not`. The operators of other languages are recognised and named, but not accepted.',
    bad: 'never { payment.charge.where(amount = 0) }',
    good: 'never { payment.charge.where(amount == 0) }',
  },
  FL106: {
    name: 'word-in-capitals',
    title: 'The words of the language are written in small letters',
    explanation:
      '`AND`, `When` and `True` are not words of the language. As a value `True` would be a text, which never equals a boolean.',
    bad: 'payment.charge AND inventory.reserve',
    good: 'payment.charge and inventory.reserve',
  },
  FL107: {
    name: 'malformed-number',
    title: 'A number has digits, and a fraction or an exponent at most',
    explanation:
      'Numbers are written as in `42`, `-1.5` or `1e3`: without separators between digits, and with digits on both sides of the point.',
    bad: 'never { payment.charge.where(amount > 1_000) }',
    good: 'never { payment.charge.where(amount > 1000) }',
  },
  FL108: {
    name: 'malformed-duration',
    title: 'A duration is a number and its unit, with nothing between',
    explanation:
      'The units are `ns`, `us`, `ms`, `s`, `m`, `h` and `d`. A duration is not negative, and not longer than 292 years.',
    bad: 'trace.duration <= 5sec',
    good: 'trace.duration <= 5s',
  },
  FL109: {
    name: 'inexact-number',
    title: 'A number can be held exactly',
    explanation:
      'Attributes are 64-bit integers or doubles. A fraction with more digits than a double holds, or a number larger than any double, could never be compared as it is written. Integers of any usual size are kept exactly.',
    bad: 'never { payment.charge.where(amount > 0.12345678901234567890) }',
    good: 'never { payment.charge.where(amount > 0.12345678901234568) }',
  },
  FL110: {
    name: 'name-needs-quotes',
    title: 'A name with other characters is quoted',
    explanation:
      'Without quotes a name consists of words, joined by dots; a word begins with an ASCII letter or `_` and goes on with letters, digits, `_` and `-`. Names that begin with a digit or with `trace.`, and names with characters such as `/`, `:` or `é`, stand in quotes.',
    bad: 'not has(CheckoutService/PlaceOrder)',
    good: 'not has("CheckoutService/PlaceOrder")',
  },
  FL111: {
    name: 'word-needs-quotes',
    title: 'A name or a text that is a word of the language is quoted',
    explanation:
      'A whole name such as `in`, `not` or `within` is read as the word that it is. Values are quoted also where they equal the name of a function or a step.',
    bad: 'never { job.run.where(operation == count) }',
    good: 'never { job.run.where(operation == "count") }',
  },
  FL112: {
    name: 'unexpected',
    title: 'Each part of a rule stands where the grammar has a place for it',
    explanation: 'At this place something else was expected. The message names both.',
    bad: 'count(payment.charge)',
    good: 'count(payment.charge) <= 1',
  },
  FL113: {
    name: 'unclosed-bracket',
    title: 'Every bracket is closed',
    explanation: 'A `(`, `[` or `{` has no closing partner before what is around it ends.',
    bad: 'never { has(payment.bypass }',
    good: 'never { has(payment.bypass) }',
  },
  FL114: {
    name: 'trailing-text',
    title: 'After a complete term comes `and`, `or` or the end',
    explanation:
      'Something stands behind a part that was already complete. Often an `and` is missing, or a bracket is closed once too often.',
    bad: 'payment.charge inventory.reserve',
    good: 'payment.charge and inventory.reserve',
  },
  FL115: {
    name: 'unknown-function',
    title: 'Only functions of the language are called',
    explanation:
      'The functions are `has`, `all`, `count`, `distinct` and `sum`, each with or without `trace.` before it, and within predicates `number` and `text`.',
    bad: 'payment.charge and trace.hass(inventory.reserve)',
    good: 'payment.charge and trace.has(inventory.reserve)',
  },
  FL116: {
    name: 'unknown-step',
    title: 'Behind a selector come steps of the language',
    explanation:
      'The steps are `.where`, `.before`, `.after` (each of the two may have `.within` behind it), `.child_of` and `.inside`. A name with a `(` behind its last part is read as a step.',
    bad: 'never { payment.charge.filter(amount > 1000) }',
    good: 'never { payment.charge.where(amount > 1000) }',
  },
  FL117: {
    name: 'unknown-operator',
    title: 'Between an attribute and a value stands an operator of the language',
    explanation:
      'The operators are `==`, `!=`, `>`, `>=`, `<`, `<=`, `matches`, `contains`, `starts_with`, `ends_with`, `in` and `exists`.',
    bad: 'never { api.request.where(path startswith "/admin") }',
    good: 'never { api.request.where(path starts_with "/admin") }',
  },
  FL118: {
    name: 'unknown-clause',
    title: 'The clauses are `when`, `always` and `never`',
    explanation: 'A name with a `{` behind it opens a clause, and there are only these three.',
    bad: 'when { payment.charge } then { inventory.reserve }',
    good: 'when { payment.charge } always { inventory.reserve }',
  },
  FL119: {
    name: 'text-too-long',
    title: 'A rule has at most 64 KiB',
    explanation:
      'The limit keeps loading rules cheap whatever they are. Long lists belong into `lists:` of the rule file, and repeated selectors into `macros:`.',
  },
  FL120: {
    name: 'nesting-too-deep',
    title: 'At most 64 parentheses and `not`s are open at one place',
    explanation:
      'The limit keeps every part of the program that walks over a rule within its stack. No rule that a person can read comes near it.',
  },
  FL121: {
    name: 'nothing-there',
    title: 'Brackets and rules are not empty',
    explanation:
      'A rule, a clause, a list or a pair of parentheses has nothing in it, and so there is nothing to judge.',
    bad: 'when { payment.charge } always { }',
    good: 'when { payment.charge } always { inventory.reserve }',
  },
  FL122: {
    name: 'when-without-clause',
    title: 'A `when` is followed by `always` or `never`',
    explanation:
      '`when` says when a promise is due. Without a clause there is no promise, and the rule could not be violated.',
    bad: 'when { payment.charge }',
    good: 'when { payment.charge } always { inventory.reserve }',
  },
  FL123: {
    name: 'misplaced-clause',
    title: 'A rule has one `when`, first, and then clauses, or it is one condition',
    explanation:
      'The long form is `when { ... }`, then `always { ... }` and `never { ... }` in any order. The short form is a condition without braces. They do not mix.',
    bad: 'payment.charge always { inventory.reserve }',
    good: 'when { payment.charge } always { inventory.reserve }',
  },
  FL124: {
    name: 'misplaced-each',
    title: '`each` stands at the beginning of `when`, and only `and` follows it',
    explanation:
      '`each SELECTOR as NAME` makes the rule a promise for every single span. It can only be the first thing in `when { ... }`.',
    bad: 'when { payment.charge } always { each payment.fraud_check as check }',
    good: 'when { each payment.charge as charge } always { payment.fraud_check.before(charge) }',
  },
  FL125: {
    name: 'misplaced-across',
    title: '`across` stands at the beginning of a rule, once',
    explanation:
      '`across KEY within D { ... }` says what a rule is judged over: all of the rule stands in its braces.',
    bad: 'count(payment.charge) <= 1 and across cart.id within 5m { count(payment.charge) <= 1 }',
    good: 'across cart.id within 5m { count(payment.charge) <= 1 }',
  },
  FL126: {
    name: 'swapped-sides',
    title: 'The measured thing stands on the left of a comparison',
    explanation:
      'On the left stands a measure (in a condition) or an attribute (in a predicate), on the right what it is compared with.',
    bad: '1 >= count(payment.charge)',
    good: 'count(payment.charge) <= 1',
  },
  FL127: {
    name: 'compared-presence',
    title: 'Only counts, sums and `trace.duration` are compared in a condition',
    explanation:
      'A selector, `has(...)` and what stands in parentheses is true or false. A number of spans is `count(x)`; an attribute of a span is asked in `.where(...)`.',
    bad: 'never { payment.charge.amount > 1000 }',
    good: 'never { payment.charge.where(amount > 1000) }',
  },
  FL128: {
    name: 'misplaced-within',
    title: '`.within` belongs to the `.before` or `.after` right before it',
    explanation:
      '`.before(x).within(5s)` limits the gap between two spans. `.within` stands once, and right behind the step that it limits.',
    bad: 'payment.charge and inventory.reserve.within(5s)',
    good: 'payment.charge and inventory.reserve.before(payment.charge).within(5s)',
  },
  FL129: {
    name: 'misplaced-unique',
    title: '`unique` stands in the last step of a count, after `==`',
    explanation:
      '`count(x).where(a == unique)` counts the different values of `a`. It is the same as `distinct(x, a)`, which is the preferred spelling. Anywhere else `unique` has no meaning.',
    bad: 'payment.charge and payment.refund.where(payment_intent_id == unique)',
    good: 'payment.charge and distinct(payment.refund, payment_intent_id) <= 1',
  },
  FL130: {
    name: 'misplaced-function',
    title: 'Functions stand where the grammar has a place for them',
    explanation:
      '`has`, `all`, `count`, `distinct` and `sum` ask about a whole trace and stand in conditions; `number` and `text` convert an attribute on the left side of a test. A step takes a selector, without a function around it.',
    bad: 'payment.charge and inventory.reserve.before(has(payment.charge))',
    good: 'payment.charge and inventory.reserve.before(payment.charge)',
  },
  FL131: {
    name: 'unknown-span-field',
    title: 'Behind `span.` stands a field that every span has',
    explanation:
      'The fields are `name`, `duration`, `status`, `kind`, `service`, `start`, `end`, `scope`, `self` and `events`. An attribute has no prefix; one that is called `span.x` is quoted.',
    bad: 'never { payment.charge.where(span.state == error) }',
    good: 'never { payment.charge.where(span.status == error) }',
  },
  FL132: {
    name: 'malformed-list',
    title: 'A list is values in brackets, or `$name` of the rule file',
    explanation:
      'Behind `in` stands `[a, b]` with numbers, texts or booleans in it, or the name of a list. One value is compared with `==`.',
    bad: 'never { payment.charge.where(processor in (stripe, square)) }',
    good: 'never { payment.charge.where(processor in [stripe, square]) }',
  },
  FL133: {
    name: 'several-selectors',
    title: 'A function takes one selector',
    explanation:
      '`has(a and b)` is written `has(a) and has(b)`: each of the two looks for a span of its own.',
    bad: 'payment.charge and has(inventory.reserve and audit.log)',
    good: 'payment.charge and has(inventory.reserve) and has(audit.log)',
  },
  FL134: {
    name: 'chained-comparison',
    title: 'A comparison has two sides',
    explanation: 'A range is two comparisons, joined by `and`.',
    bad: 'never { payment.charge.where(amount > 10 < 100) }',
    good: 'never { payment.charge.where(amount > 10 and amount < 100) }',
  },
  FL135: {
    name: 'this-on-the-left',
    title: '`this` stands on the right side of a comparison',
    explanation:
      'The left side of a test is an attribute of the span in question anyway. `this.` reaches another attribute of it on the right.',
    bad: 'never { payment.charge.where(this.charged > this.authorised) }',
    good: 'never { payment.charge.where(charged > this.authorised) }',
  },
  FL136: {
    name: 'arithmetic',
    title: 'The language compares and does not calculate',
    explanation:
      'There is no `+`, `-`, `*` or `/`. Let the program that makes the span put the result into an attribute.',
    bad: 'never { payment.charge.where(amount > this.limit * 2) }',
    good: 'never { payment.charge.where(amount > this.double_limit) }',
  },
  FL137: {
    name: 'misplaced-wildcard',
    title: '`*` stands in span names only',
    explanation:
      'A wildcard makes a selector of many span names. Attributes are named one by one, and values are matched with `matches`, `starts_with`, `ends_with` or `contains`.',
    bad: 'never { api.request.where(path == admin*) }',
    good: 'never { api.request.where(path starts_with "admin") }',
  },
  FL138: {
    name: 'no-null',
    title: 'An attribute is there or it is not',
    explanation:
      'OpenTelemetry has no null, and a bare `null` would be the text "null". Ask `exists` or `not exists`.',
    bad: 'never { api.request.where(tenant_id == null) }',
    good: 'never { api.request.where(tenant_id not exists) }',
  },
  FL139: {
    name: 'implication',
    title: 'What is due when something happened is said with `when` and `always`',
    explanation:
      '`if`, `then`, `implies` and arrows are no words of the language. The trigger stands in `when { ... }`, and what it demands in `always { ... }` or `never { ... }`.',
    bad: 'if payment.charge then inventory.reserve',
    good: 'when { payment.charge } always { inventory.reserve }',
  },
  FL140: {
    name: 'query',
    title: 'A rule is no query',
    explanation:
      'TraceQL and SQL find spans. A rule says what must hold of every trace: it demands, forbids, counts or orders spans, and a predicate stands in the `.where(...)` of a selector. `*` is any span.',
    bad: 'never { { .amount > 1000 } }',
    good: 'never { *.where(amount > 1000) }',
  },
} as const satisfies Record<string, CodeEntry>;
