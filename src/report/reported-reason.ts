/** Why an answer is not proved, in a sentence, and what a person can do about it. */
import type { InconclusiveReason } from '../engine/verdict.ts';
import { typeName } from '../trace/attribute-value.ts';
import type { Span } from '../trace/span.ts';
import { type IncompleteReason, NOT_SAMPLED } from '../trace/trace.ts';
import type { ReportedReason } from './check-report.ts';
import { reportedSpan } from './reported-span.ts';

export function reportedReason(reason: InconclusiveReason): ReportedReason {
  switch (reason.kind) {
    case 'incomplete':
      return incomplete(reason.reason, reason.traceId);
    case 'sampled':
      return {
        kind: 'sampled',
        message:
          'The traffic is sampled: a span that is not there may have been dropped, so its absence proves nothing',
        help: 'Record every trace of this path, or read the rule as proof of violations only',
        spans: [],
      };
    case 'group-cut':
      if (reason.limit === 'memory') {
        return {
          kind: 'group-cut',
          message: 'The group lost spans for want of memory, so the absence of a span proves nothing',
          help: 'Raise the limits of groups and their members in `fluo.yaml`, or choose a shorter `within`',
          spans: [],
        };
      }
      return {
        kind: 'group-cut',
        message:
          reason.limit === 'max_group_age'
            ? 'The group went on for longer than `max_group_age` and was cut: each part lacks what the other has'
            : 'The group has more spans than `max_spans` and was cut: each part lacks what the other has',
        help: `Choose a key of \`across\` that fewer spans share, or raise \`${reason.limit}\` in \`fluo.yaml\``,
        spans: [],
      };
    case 'missing-attribute':
      return missingAttribute(reason.attribute, reason.span);
    case 'clock-skew':
      return {
        kind: 'clock-skew',
        message: `\`${reason.left.name}\` and \`${reason.right.name}\` lie nearer than ${reason.left.resource.service === reason.right.resource.service ? 'their clock can tell apart (`clock_resolution`)' : 'the clocks of their two services can tell apart (`clock_skew`)'}, so their order is not known`,
        help: 'Give spans exact times or synchronise the clocks, then lower the setting in `fluo.yaml`',
        spans: [reportedSpan(reason.left), reportedSpan(reason.right)],
      };
    case 'too-costly':
      return {
        kind: 'too-costly',
        message:
          'Judging this would take more comparisons than `max_comparisons`: the rule compares all of many spans with all of many others',
        help: 'In an `each` rule compare an attribute with `==`, as in `charge.where(cart.id == order.cart.id)`, so that only spans that belong together are compared; or raise `max_comparisons` in `fluo.yaml`',
        spans: [],
      };
  }
}

function incomplete(reason: IncompleteReason, traceId: string): ReportedReason {
  switch (reason.kind) {
    case 'missing-parent':
      return {
        kind: 'missing-parent',
        message: `The trace is incomplete: \`${reason.span.name}\` names the parent \`${reason.span.parentSpanId}\`, which never arrived, so a span that is not there may have been lost`,
        help: 'Make sure that the service of the parent exports its spans to the same place; to judge such traces all the same, write `on_incomplete: judge` in the rule',
        spans: [reportedSpan(reason.span)],
      };
    case 'max-age':
      return {
        kind: 'max-age',
        message: 'The trace is incomplete: it was closed by its age, before its root arrived',
        help: 'Raise `max_age` in `fluo.yaml` above the length of your longest traces',
        spans: [],
      };
    case 'max-spans':
      return {
        kind: 'max-spans',
        message: `The trace \`${traceId}\` is incomplete: it has more spans than \`max_spans\`, and the rest was dropped`,
        help: 'Raise `max_spans` in `fluo.yaml`, or look for a loop that makes spans without end',
        spans: [],
      };
    case 'forgotten':
      return {
        kind: 'forgotten',
        message: `The trace \`${traceId}\` is incomplete: spans of it were, or may have been, dropped for want of memory`,
        help: 'Raise `held_spans` and `open_traces` in `fluo.yaml`, if the machine has the memory, or lower `late_window`',
        spans: [],
      };
    case 'sampled-apart':
      if (reason.thresholds.includes(NOT_SAMPLED)) {
        return {
          kind: 'sampled-apart',
          message:
            'The trace is incomplete: the trace flags of a span say that the trace is not sampled, so services that keep to the flag sent nothing',
          help: 'Sample all services of a request with one decision (a parent-based sampler), or send only spans of sampled traces',
          spans: [],
        };
      }
      return {
        kind: 'sampled-apart',
        message: `The trace is incomplete: its spans were sampled by different thresholds (${reason.thresholds
          .slice(0, 5)
          .map((threshold) => `\`${threshold}\``)
          .join(', ')}), so some of them may have been dropped`,
        help: 'Sample all services of a request with one decision (a parent-based sampler)',
        spans: [],
      };
    case 'conflicting-spans':
      return {
        kind: 'conflicting-spans',
        message: `The trace is incomplete: two different spans came with the one id \`${reason.spanId}\`, and only the first was kept`,
        help: 'Find the producer that gives one id to two spans: a copied span context, or a broken generator of ids',
        spans: [],
      };
  }
}

function missingAttribute(attribute: string, span: Span): ReportedReason {
  const value = span.attributes.get(attribute) ?? span.resource.attributes.get(attribute);
  return {
    kind: 'missing-attribute',
    message:
      value === undefined
        ? `\`${span.name}\` has no attribute \`${attribute}\`, which the rule asks of it`
        : `\`${span.name}\` has the attribute \`${attribute}\` as ${typeName(value)}, a type that the rule cannot compare`,
    help:
      value === undefined
        ? `Set \`${attribute}\` on that span, or say what a span without it means: \`${attribute} not exists\``
        : `Send \`${attribute}\` with the type that the rule expects, or convert it: \`number(${attribute})\`, \`text(${attribute})\``,
    spans: [reportedSpan(span)],
  };
}
