/**
 * The rules of SARIF 2.1.0 (OASIS standard, March 2020) for what Fluo writes, as checks of our own: returns a sentence for each
 * that is broken. Section numbers are the standard's.
 */

type Json = Readonly<Record<string, unknown>>;

export function sarifProblems(document: unknown): string[] {
  const problems: string[] = [];
  const require = (condition: boolean, problem: string) => {
    if (!condition) problems.push(problem);
  };
  const log = objectOf(document);
  require(log['version'] === '2.1.0', '3.13.2: version is "2.1.0"');
  require(Array.isArray(log['runs']), '3.13.4: runs is an array');
  for (const run of listOf(log['runs'])) checkRun(run, require);
  return problems;
}

type Require = (condition: boolean, problem: string) => void;
const LEVELS = new Set(['none', 'note', 'warning', 'error']);

function checkRun(run: Json, require: Require): void {
  const driver = objectOf(objectOf(run['tool'])['driver']);
  require(isText(driver['name']), '3.19.8: a tool component has a name');
  require(['utf16CodeUnits', 'unicodeCodePoints'].includes(String(run['columnKind'])), '3.14.27: columnKind');
  const version = driver['semanticVersion'];
  require(version === undefined || /^\d+\.\d+\.\d+/.test(String(version)), '3.19.12: a semantic version');
  const rules = listOf(driver['rules']);
  const ids = rules.map((rule) => rule['id']);
  require(new Set(ids).size === ids.length, '3.19.23: rules are distinct');
  for (const rule of rules) checkRule(rule, require);
  for (const result of listOf(run['results'])) checkResult(result, ids, run, require);
  for (const invocation of listOf(run['invocations'])) {
    require(typeof invocation['executionSuccessful'] === 'boolean', '3.20.14: executionSuccessful is there');
    for (const notification of listOf(invocation['toolExecutionNotifications'])) {
      checkMessage(notification['message'], require);
      require(LEVELS.has(String(notification['level'])), '3.58.6: the level of a notification');
      for (const location of listOf(notification['locations'])) checkLocation(location, run, require);
    }
  }
}

function checkRule(rule: Json, require: Require): void {
  require(isText(rule['id']), '3.49.3: a rule has an id');
  checkMessage(rule['shortDescription'], require);
  checkMessage(rule['help'], require);
  const configuration = objectOf(rule['defaultConfiguration']);
  require(LEVELS.has(String(configuration['level'])), '3.50.3: the level of a rule');
  if (rule['helpUri'] !== undefined)
    require(URL.canParse(String(rule['helpUri'])), '3.49.12: helpUri is absolute');
  const tags = objectOf(rule['properties'])['tags'];
  require(Array.isArray(tags) && new Set(tags).size === tags.length, '3.8.2: tags are distinct texts');
}

function checkResult(result: Json, ids: readonly unknown[], run: Json, require: Require): void {
  checkMessage(result['message'], require);
  require(ids[Number(result['ruleIndex'])] === result['ruleId'], '3.27.6: ruleIndex points at ruleId');
  const kinds = ['pass', 'open', 'informational', 'notApplicable', 'review', 'fail'];
  require(kinds.includes(String(result['kind'])), '3.27.9: the kind of a result');
  const level = String(result['level']);
  require(LEVELS.has(level), '3.27.10: the level of a result');
  require(result['kind'] === 'fail' || level === 'none', '3.27.10: only a failure has a level');
  const count = result['occurrenceCount'];
  require(Number.isInteger(count) && Number(count) >= 1, '3.27.18: occurrenceCount is positive');
  for (const [name, value] of Object.entries(objectOf(result['partialFingerprints']))) {
    require(/\/v\d+$/.test(name) && isText(value), '3.27.17: a versioned fingerprint');
  }
  for (const location of listOf(result['locations'])) checkLocation(location, run, require);
}

function checkLocation(location: Json, run: Json, require: Require): void {
  const physical = objectOf(location['physicalLocation']);
  const { uri, uriBaseId } = objectOf(physical['artifactLocation']);
  require(isText(uri) &&
    /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/.test(String(uri)), '3.4.3: uri is a URI reference');
  if (uriBaseId === undefined) require(URL.canParse(String(uri)), '3.4.4: a uri without a base is absolute');
  else {
    require(String(uriBaseId) in objectOf(run['originalUriBaseIds']), '3.4.4: the base is known');
    require(!String(uri).startsWith('/'), '3.4.4: a uri with a base is relative');
  }
  if (physical['region'] === undefined) return;
  const region = objectOf(physical['region']);
  const { startLine, startColumn = 1, endLine = startLine } = region;
  require(Number(startLine) >= 1 && Number(startColumn) >= 1, '3.30.5: lines and columns begin at 1');
  require(Number(endLine) >= Number(startLine), '3.30.7: endLine is not before startLine');
  if (endLine === startLine && region['endColumn'] !== undefined) {
    require(Number(region['endColumn']) >=
      Number(startColumn), '3.30.8: endColumn is not before startColumn');
  }
}

function checkMessage(message: unknown, require: Require): void {
  const { text } = objectOf(message);
  require(isText(text), '3.11.8: a message has a text');
  require(!/\]\(/.test(String(text)), '3.11.6: no embedded link is meant');
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
