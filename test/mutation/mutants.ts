/**
 * Mutants of a TypeScript module: every operator, negation, truth value and condition changed, one at a time. All of them stand in one text behind a switch
 * ("mutant schemata", Untch, Offutt and Harrold 1993), so a module with hundreds of mutants is compiled once:
 *
 *     a < b   ──>   ($active === 7 ? (a <= b) : $active === 8 ? (a >= b) : (a < b))
 */
import ts from 'typescript';

export interface Mutant {
  readonly id: number;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The expression before and after, on one line. */
  readonly original: string;
  readonly mutated: string;
}

export interface MutatedModule {
  /** TypeScript; it reads a variable `$active`, and calls `$step()` once for each turn of a loop. */
  readonly text: string;
  readonly mutants: readonly Mutant[];
}

/** Mutates a module. Ids are counted on from `firstId`. Cost: linear in the text, times the depth of its expressions. */
export function mutateModule(file: string, text: string, firstId: number): MutatedModule {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  return new Mutating(source, firstId).module();
}

class Mutating {
  readonly #source: ts.SourceFile;
  readonly #mutants: Mutant[] = [];
  #nextId: number;

  constructor(source: ts.SourceFile, firstId: number) {
    this.#source = source;
    this.#nextId = firstId;
  }

  module(): MutatedModule {
    return { text: this.#write(this.#source), mutants: this.#mutants };
  }

  /** The text of a node with its mutants and those below it. */
  #write(node: ts.Node): string {
    const own = this.#inner(node);
    if (isLoopBody(node)) return ts.isBlock(node) ? own.replace('{', '{ $step();') : `{ $step(); ${own} }`;
    const changes = mutationsOf(node);
    if (changes.length === 0) return own;
    const { line, character } = this.#source.getLineAndCharacterOfPosition(node.getStart());
    const choices = changes.map((mutated) => {
      const id = this.#nextId++;
      this.#mutants.push({
        id,
        file: this.#source.fileName,
        line: line + 1,
        column: character + 1,
        original: oneLine(node.getText()),
        mutated: oneLine(mutated),
      });
      return `$active === ${id} ? (${mutated}) : `;
    });
    const lead = node.getFullText().slice(0, node.getLeadingTriviaWidth());
    return `${lead}(${choices.join('')}(${own.slice(lead.length)}))`;
  }

  /** The node's text with the texts of its children put in their places. */
  #inner(node: ts.Node): string {
    if (isType(node)) return node.getFullText();
    let out = '';
    let at = node.getFullStart();
    ts.forEachChild(node, (child) => {
      out += this.#source.text.slice(at, child.getFullStart()) + this.#write(child);
      at = child.getEnd();
    });
    return out + this.#source.text.slice(at, node.getEnd());
  }
}

function isType(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

function isLoopBody(node: ts.Node): boolean {
  const { parent } = node;
  return parent !== undefined && ts.isIterationStatement(parent, false) && parent.statement === node;
}

const { SyntaxKind: Kind } = ts;

const BINARY: ReadonlyMap<ts.SyntaxKind, readonly string[]> = new Map([
  [Kind.EqualsEqualsEqualsToken, ['!==']],
  [Kind.ExclamationEqualsEqualsToken, ['===']],
  [Kind.LessThanToken, ['<=', '>=']],
  [Kind.LessThanEqualsToken, ['<', '>']],
  [Kind.GreaterThanToken, ['>=', '<=']],
  [Kind.GreaterThanEqualsToken, ['>', '<']],
  [Kind.AmpersandAmpersandToken, ['||']],
  [Kind.BarBarToken, ['&&']],
  [Kind.QuestionQuestionToken, ['&&']],
  [Kind.PlusToken, ['-']],
  [Kind.MinusToken, ['+']],
  [Kind.AsteriskToken, ['/']],
  [Kind.SlashToken, ['*']],
  [Kind.PercentToken, ['*']],
  [Kind.AsteriskAsteriskToken, ['*']],
  [Kind.AmpersandToken, ['|']],
  [Kind.BarToken, ['&']],
  [Kind.PlusEqualsToken, ['-=']],
  [Kind.MinusEqualsToken, ['+=']],
  [Kind.BarEqualsToken, ['&=']],
  [Kind.BarBarEqualsToken, ['&&=']],
  [Kind.QuestionQuestionEqualsToken, ['=']],
]);

/** What a node may be changed into. */
function mutationsOf(node: ts.Node): string[] {
  if (ts.isBinaryExpression(node)) {
    const operators = BINARY.get(node.operatorToken.kind) ?? [];
    const [left, right] = [node.left.getText(), node.right.getText()];
    const changed = operators.map((operator) =>
      // `a ?? b && c` is no JavaScript without parentheses.
      operator.endsWith('=') && !isComparison(node.operatorToken.kind)
        ? `${left} ${operator} ${right}`
        : `(${left}) ${operator} (${right})`,
    );
    return isCondition(node) && !isComparison(node.operatorToken.kind)
      ? [...changed, negated(node)]
      : changed;
  }
  if (ts.isPrefixUnaryExpression(node)) {
    const takesSign = node.operator === Kind.ExclamationToken || node.operator === Kind.MinusToken;
    if (takesSign) return [node.operand.getText()];
    return node.operator === Kind.PlusPlusToken ? [`--${node.operand.getText()}`] : [];
  }
  if (node.kind === Kind.TrueKeyword) return ['false'];
  if (node.kind === Kind.FalseKeyword) return ['true'];
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const other = new Map([
      ['some', 'every'],
      ['every', 'some'],
    ]).get(node.expression.name.text);
    const swapped =
      other === undefined
        ? []
        : [
            `${node.expression.expression.getText()}.${other}(${node.arguments.map((one) => one.getText()).join(', ')})`,
          ];
    return isCondition(node) ? [...swapped, negated(node)] : swapped;
  }
  const mutable = ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) || ts.isCallExpression(node);
  return mutable && isCondition(node) ? [negated(node)] : [];
}

function negated(node: ts.Node): string {
  return `!(${node.getText()})`;
}

function isComparison(kind: ts.SyntaxKind): boolean {
  return (
    (kind >= Kind.LessThanToken && kind <= Kind.GreaterThanEqualsToken) ||
    kind === Kind.EqualsEqualsEqualsToken ||
    kind === Kind.ExclamationEqualsEqualsToken
  );
}

/** Of an `if`, a loop or `? :`. */
function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node;
  return ts.isConditionalExpression(parent) && parent.condition === node;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
