/** Names that `each` binds are used where they are bound, on the right side, and are not taken for attributes. */
import { didYouMean } from '../../base/suggest.ts';
import type { ReferenceNode, SelectorNode } from '../ast.ts';
import { shorten } from '../lexer.ts';
import { quoted } from '../tokens/words.ts';
import { type Visitor, walkSelector } from '../walk.ts';
import { type CheckContext, writtenText } from './context.ts';

export function boundNames(context: CheckContext): Visitor {
  const { problems, bound, rule } = context;
  const early = earlyReferences(context);
  return {
    test(test) {
      if (test.kind !== 'test' || test.right.kind !== 'reference') return;
      const { right } = test;
      if (right.of === 'this') return;
      if (early.has(right)) {
        problems.report({
          code: 'FL210',
          range: right.range,
          message: `\`${right.of}\` is not bound yet: this selector says which spans \`${right.of}\` will be`,
          help: 'compare with a value, or with another attribute of the same span (`this.`)',
        });
      } else if (right.of !== bound && context.bindingKnown) reportUnbound(context, right);
    },
    attribute(attribute, by) {
      if (bound === null || by.kind === 'reference' || attribute.where !== 'any' || attribute.quoted) return;
      if (attribute.name !== bound && !attribute.name.startsWith(`${bound}.`)) return;
      problems.report({
        code: 'FL212',
        range: attribute.range,
        message: `\`${shorten(attribute.name)}\` reads as if it were of the bound span \`${bound}\`, and it is an attribute of the span in question`,
        help: `give the bound span another name than \`${bound}\`; \`${bound}.\` stands on the right side only`,
      });
    },
    selector(selector) {
      if (rule?.when?.each?.selector !== selector || bound === null) return;
      walkSelector(selector, {
        selector(inner) {
          const { matcher } = inner;
          if (inner === selector || matcher.kind !== 'exact' || matcher.quoted || matcher.name !== bound)
            return;
          problems.report({
            code: 'FL210',
            range: matcher.range,
            message: `\`${bound}\` is not bound yet: this selector says which spans \`${bound}\` will be`,
            help: `name another selector; quote spans that are called so: \`${quoted(bound)}\``,
          });
        },
      });
    },
  };
}

/** References within the selector of `each` to the name that it is about to bind. */
function earlyReferences({ rule, bound }: CheckContext): ReadonlySet<ReferenceNode> {
  const early = new Set<ReferenceNode>();
  const selector: SelectorNode | undefined = rule?.when?.each?.selector;
  if (selector === undefined) return early;
  walkSelector(selector, {
    test(test) {
      if (test.kind === 'test' && test.right.kind === 'reference' && test.right.of === bound)
        early.add(test.right);
    },
  });
  return early;
}

function reportUnbound(context: CheckContext, reference: ReferenceNode): void {
  const { problems, bound, rule } = context;
  const { of, range } = reference;
  const text = shorten(writtenText(context, range) || `${of}.${reference.attribute.name}`);
  const isPrefix = of === 'span' || of === 'resource';
  const near = didYouMean(of.slice(0, 60), bound === null ? ['this'] : [bound, 'this']);
  problems.report({
    code: 'FL208',
    range,
    message: isPrefix
      ? `on the right side \`${text}\` does not say of which span`
      : `nothing binds \`${shorten(of)}\`${near === '' ? ', and a word with a dot is a reference' : `: ${near}`}`,
    help: isPrefix
      ? `write \`this.${text}\` for the same span${bound === null ? '' : `, or \`${bound}.${text}\` for the bound one`}`
      : rule === null
        ? `a macro knows no bound names; quote the text: \`${quoted(text)}\``
        : `quote the text (\`${quoted(text)}\`), write \`this.\` for an attribute of the same span, or bind \`${shorten(of)}\` with \`each ... as ${shorten(of)}\``,
  });
}
