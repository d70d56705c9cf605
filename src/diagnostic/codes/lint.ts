/** Lints: a rule that is correct, and that probably does not say what was meant. */
import type { CodeEntry } from '../codes.ts';

export const LINT_CODES = {
  FL401: {
    name: 'same-span-trap',
    title: 'Two demands on one span are not made of two spans',
    explanation:
      'Each `has` looks for a span of its own. Where the trigger finds one span and the requirement finds another of the same ' +
      'name, the rule is satisfied, although the first span lacks what was asked of it. Say `all(...)` to ask it of every span of ' +
      'the trigger, or put both comparisons into one `where`. When two different spans are meant, give each a value that the ' +
      'other cannot have.',
    bad: 'database.query.where(table contains "tenant_data") and database.query.where(tenant_filter)',
    good: 'when { database.query.where(table contains "tenant_data") } always { all(database.query.where(table contains "tenant_data"), tenant_filter) }',
  },
  FL402: {
    name: 'matches-itself',
    title: 'The bound span does not answer its own demand',
    explanation:
      'In an `each` rule the span that is bound is in the trace like any other. A selector that matches it too is always ' +
      'found (and as `never` always violated), by the very span that the promise is for. Count the spans instead (`== 1`), or ' +
      'tell the other one apart: by an order (`.before(charge)`), or by a value that differs.',
    bad: 'when { each payment.charge as charge } never { payment.charge.where(payment_intent_id == charge.payment_intent_id) }',
    good: 'when { each payment.charge as charge } always { count(payment.charge.where(payment_intent_id == charge.payment_intent_id)) == 1 }',
  },
  FL403: {
    name: 'order-without-anchor',
    title: 'What comes before or after another span names a span that the trigger needs',
    explanation:
      'A relation to nothing never holds: `a.before(b)` is false in a trace without a `b`, so such a trace violates the rule even ' +
      'where no `b` was due. Let the trigger need the span that the order speaks of, or demand that span openly as well.',
    bad: 'when { order.place } always { inventory.reserve.before(payment.charge) }',
    good: 'when { order.place and payment.charge } always { inventory.reserve.before(payment.charge) }',
  },
  FL404: {
    name: 'each-was-meant',
    title: 'A demand on every span is made with `each`',
    explanation:
      'Without `each` a rule is judged once for the whole trace, and one span that is related to one of the trigger spans ' +
      'answers for all of them: the second query outside of the transaction goes unseen. Bind the span with `each ... as` and ' +
      'relate the demand to the bound name.',
    bad: 'when { database.write } always { audit.log.inside(database.write) }',
    good: 'when { each database.write as write } always { audit.log.inside(write) }',
  },
  FL405: {
    name: 'never-with-and',
    title: 'Each forbidden thing has a `never` of its own',
    explanation:
      '`never { a and b }` forbids only that both happen in one trace; either alone is allowed. Where each is forbidden, write ' +
      '`never { a or b }` or two `never`. Where only both together are, `always { not (a and b) }` says so without a doubt.',
    bad: 'never { payment.bypass_validation and payment.skip_fraud_check }',
    good: 'never { payment.bypass_validation or payment.skip_fraud_check }',
  },
  FL406: {
    name: 'negated-comparison',
    title: 'A demand for a span that differs is not a ban on spans that do not',
    explanation:
      'A demanded `x.where(a != v)` is satisfied by any one `x` with another value, also where a second `x` has the value `v`, ' +
      'and a span without the attribute does not count at all. To forbid the value, write `never { x.where(a == v) }`.',
    bad: 'when { checkout.start } always { cart.load.where(region != "test") }',
    good: 'when { checkout.start } always { cart.load } never { cart.load.where(region == "test") }',
  },
  FL407: {
    name: 'status-ok',
    title: 'A span that did not fail is asked for as `span.status != error`',
    explanation:
      'Most SDKs leave the status of a good span `unset`; `ok` is set only by code that does so by hand. `span.status == ok` therefore ' +
      'matches almost nothing.',
    bad: 'when { order.place } always { payment.charge.where(span.status == ok) }',
    good: 'when { order.place } always { payment.charge.where(span.status != error) }',
  },
  FL408: {
    name: 'attribute-named-like-a-field',
    title: 'The fields of a span are reached with `span.`',
    explanation:
      '`status`, `duration`, `kind`, `service` and `name` are attributes that your code sets. What every span has is called ' +
      '`span.status`, `span.duration` and so on. Where the attribute is meant, put its name in quotes: then nobody has to wonder. ' +
      'It is a warning where the value is one of the field (`status == error`, `kind == server`), and else only a hint.',
    bad: 'when { order.place } always { payment.charge.where(status == "captured") }',
    good: 'when { order.place } always { payment.charge.where("status" == "captured") }',
  },
  FL409: {
    name: 'redundant-term',
    title: 'A term stands once',
    explanation:
      'The same term twice in one `and` or `or` says nothing more than once. Usually one of the two was to be something else, ' +
      'and was copied.',
    bad: 'when { order.place } always { payment.charge and inventory.reserve and payment.charge }',
    good: 'when { order.place } always { payment.charge and inventory.reserve }',
  },
  FL410: {
    name: 'contradictory-predicate',
    title: 'A predicate can be true of some span',
    explanation:
      'The comparisons exclude each other, so no span ever passes: a trigger with it never occurs, a ban with it is never broken. ' +
      'Usually `or` or `in [...]` was meant, or a bound is the wrong way round.',
    bad: 'when { payment.charge.where(amount > 1000 and amount < 100) } always { payment.fraud_check }',
    good: 'when { payment.charge.where(amount > 100 and amount < 1000) } always { payment.fraud_check }',
  },
  FL411: {
    name: 'constant-condition',
    title: 'A condition depends on the trace',
    explanation:
      'Every trace has a span, and no count is below zero: such a term is the same for every trace, and decides nothing. As a ' +
      'trigger it makes the rule apply to all traffic, as a requirement it promises nothing.',
    bad: 'when { order.place } always { count(payment.charge) >= 0 }',
    good: 'when { order.place } always { count(payment.charge) >= 1 }',
  },
  FL412: {
    name: 'decided-by-trigger',
    title: 'A requirement says more than its trigger',
    explanation:
      'Whenever the trigger occurs, the span that the requirement asks for is there: the trigger found it. So the requirement is ' +
      'always true, or as a ban always false, and the rule says the same of every trace that it applies to.',
    bad: 'when { payment.charge.where(amount > 1000) } always { payment.charge }',
    good: 'when { payment.charge.where(amount > 1000) } always { payment.fraud_check }',
  },
  FL413: {
    name: 'unused-binding',
    title: 'A span that is bound is asked about',
    explanation:
      '`each x as c` judges the rest once for every `x`. When the rest never names `c`, all of these judgements are the same one: ' +
      'a single span answers for all. Relate the demand to the bound span, by an attribute, an order or a parent.',
    bad: 'when { each payment.charge as charge } always { payment.fraud_check }',
    good: 'when { each payment.charge as charge } always { payment.fraud_check.before(charge) }',
  },
  FL414: {
    name: 'attribute-behind-a-prefix',
    title: 'An attribute is called by its name alone',
    explanation:
      'Other tools write `attributes.total` or `attributes["total"]` for the attribute `total`. Here that is an attribute whose ' +
      'name is `attributes.total`, which is hardly ever sent, and the comparison is never true. Where the name does begin with ' +
      '`attributes.`, put it in quotes.',
    bad: 'never { cart.checkout.where(attributes.total < 0) }',
    good: 'never { cart.checkout.where(total < 0) }',
  },
  FL420: {
    name: 'never-applicable',
    title: 'The trigger of a rule occurs',
    explanation:
      'In all the traffic that was looked at the rule applied to no trace. Either that traffic has none of these transactions, or ' +
      'the trigger asks for a name, an attribute or a type that is never sent. A rule that can never fire protects nothing.',
  },
  FL421: {
    name: 'never-violated',
    title: 'A rule can be broken',
    explanation:
      'What the rule forbids cannot be seen in the traffic that was looked at: the span or the attribute that it bans or counts is ' +
      'never sent, under this name. The rule is satisfied by silence. Check the names against the instrumentation.',
  },
  FL422: {
    name: 'unknown-span-name',
    title: 'A span of that name was seen',
    explanation:
      'No span in the traffic that was looked at has a name that the selector matches. A slip of the pen, a renamed span, or a step ' +
      'that is not instrumented yet: `fluo instrument` lists what a rule needs.',
  },
  FL423: {
    name: 'unknown-attribute',
    title: 'The spans that a rule asks have the attribute',
    explanation:
      'Spans of that name were seen, and none had the attribute. A comparison on a missing attribute is unknown, which is no match: ' +
      'the rule quietly looks past all of them.',
  },
  FL424: {
    name: 'attribute-of-another-type',
    title: 'An attribute is compared with a value of its type',
    explanation:
      'The attribute is sent with a type that the comparison does not expect; a number never equals text, and such a comparison is ' +
      'unknown. Compare with a value of the type that is sent, or convert: `number(amount) > 1000`, `text(code) == "42"`.',
  },
  FL425: {
    name: 'literal-like-attribute',
    title: 'A bare word on the right is a text, not an attribute',
    explanation:
      '`charged == authorised` compares with the text "authorised". The spans have an attribute of that name, so the attribute was ' +
      'probably meant: write `this.authorised`. Where the text is meant, put it in quotes.',
  },
  FL426: {
    name: 'subsumed',
    title: 'A rule fires where no other does',
    explanation:
      'On the traffic that was looked at two rules were violated in exactly the same scopes. One of them may say what the other ' +
      'already says, and whoever is on call hears of each failure twice.',
  },
  FL427: {
    name: 'unsent-value',
    title: 'A value that a rule waits for was seen',
    explanation:
      'The attribute was seen, every value of it is known, and the one that the rule compares with is not among them. A slip of the ' +
      'pen, another spelling, or a case that this traffic does not hold. Until the value is sent, the comparison never holds.',
  },
  FL428: {
    name: 'enforcement-by-origin',
    title: 'A practice has the enforcement that was meant',
    explanation:
      'The origin of the rule is no incident, and the rule says no `enforcement`: it is then `audit-only`. Its violations are shown ' +
      'and counted, and make no run fail. Write `enforcement: soft-warning` to make them fail, or `enforcement: audit-only` to say that ' +
      'this is meant.',
  },
} as const satisfies Record<string, CodeEntry>;
