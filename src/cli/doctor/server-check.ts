/** What a running server says: whether it is ready, when spans came last, whether the archive keeps up. */
import { humanBytes } from '../../base/bytes.ts';
import { humanDuration } from '../../base/nanos.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { counted } from '../../report/counted.ts';
import type { RulesDocument, StatusDocument } from '../../server/api/api-documents.ts';
import type { HealthCondition, HealthNote, HealthReport } from '../../server/health.ts';
import { type Finding, problem, well } from './finding.ts';
import type { Machine } from './machine.ts';
import { checkRefusals } from './refusal-check.ts';
import { checkRuleHealth } from './rule-health-check.ts';
import { Samples } from './samples.ts';
import { checkShed } from './shed-check.ts';

/** So long without a span is told. */
const QUIET_S = 300;
const ARCHIVE_BEHIND_S = 60;
const FAR_OFF_SHARE = 0.05;

/** Those that have a code of their own. */
const CODES_OF_CONDITIONS: Readonly<Partial<Record<HealthCondition, Diagnostic['code']>>> = {
  'duckdb-missing': 'FL833',
};

/** `url` is where its API listens. `expected`: a server should run there. */
export async function checkServer(
  machine: Machine,
  url: string,
  expected: boolean,
  now: number,
): Promise<Finding[]> {
  const ready = await machine.fetchText(`${url}/readyz`);
  if (ready === null) {
    if (!expected) return [well('server', 'none runs (`fluo serve` starts one)')];
    return [
      {
        subject: 'server',
        text: url,
        problems: [
          problem(
            'FL807',
            'error',
            `no server answers at ${url}`,
            'see that it runs and that the address is reached from here; `serve.api` in `fluo.yaml` and `--server` name it',
          ),
        ],
      },
    ];
  }
  const metrics = await machine.fetchText(`${url}/metrics`);
  const samples = new Samples(metrics?.text ?? '');
  const status = await document<StatusDocument>(machine, `${url}/api/v1/status`);
  const rules = await document<RulesDocument>(machine, `${url}/api/v1/rules`);
  return [
    readiness(url, ready.text),
    spans(samples, now),
    ...checkRefusals(status, now),
    archive(samples),
    ...offsets(samples),
    judging(samples),
    ...checkShed(samples),
    ...checkRuleHealth(rules),
  ];
}

function readiness(url: string, text: string): Finding {
  const report = parsed(text);
  if (report === null) {
    const message = `what answers at ${url} is no server of Fluo`;
    return {
      subject: 'server',
      text: url,
      problems: [
        problem(
          'FL807',
          'error',
          message,
          'see what listens there, and name the API of Fluo with `--server`',
        ),
      ],
    };
  }
  const told = ({ condition, message, help }: HealthNote, severity: 'error' | 'warning') =>
    problem(CODES_OF_CONDITIONS[condition] ?? 'FL813', severity, message, help);
  return {
    subject: 'server',
    text: `${url} is ${report.status}`,
    problems: [
      ...report.reasons.map((note) => told(note, 'error')),
      ...report.notes.map((note) => told(note, 'warning')),
    ],
  };
}

/** An empty one where the API does not answer, as while the server starts. */
async function document<Document>(machine: Machine, url: string): Promise<Partial<Document>> {
  const answer = await machine.fetchText(url);
  if (answer?.status !== 200) return {};
  try {
    return (JSON.parse(answer.text) ?? {}) as Partial<Document>;
  } catch {
    return {};
  }
}

function parsed(text: string): HealthReport | null {
  try {
    const report = JSON.parse(text) as Partial<HealthReport>;
    if (report.status === undefined || !Array.isArray(report.reasons) || !Array.isArray(report.notes))
      return null;
    return report as HealthReport;
  } catch {
    return null;
  }
}

function spans(samples: Samples, now: number): Finding {
  const count = samples.sum('fluo_spans_total');
  const last = samples.value('fluo_last_span_timestamp_seconds') ?? 0;
  const help =
    'point an exporter here: OTEL_EXPORTER_OTLP_ENDPOINT, and OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf for 4318 or grpc for 4317';
  const refused = counted(samples.sum('fluo_export_requests_total') - accepted(samples), 'request');
  const notes =
    samples.sum('fluo_export_requests_total') > accepted(samples)
      ? [`${refused} came and were not accepted: the log of the server says why`]
      : [];
  if (count === 0 || last === 0) {
    const message = 'no span has come in since the server started';
    return { subject: 'spans', text: 'none', problems: [problem('FL811', 'warning', message, help, notes)] };
  }
  const quiet = Math.max(0, now / 1000 - last);
  const text = `${counted(count, 'span')}, the last one ${ago(quiet)}`;
  const problems =
    quiet > QUIET_S ? [problem('FL811', 'warning', `the last span came ${ago(quiet)}`, help, notes)] : [];
  return { subject: 'spans', text, problems };
}

function accepted(samples: Samples): number {
  return ['grpc', 'http-protobuf', 'http-json']
    .flatMap((transport) => ['accepted', 'partial'].map((outcome) => [transport, outcome] as const))
    .reduce(
      (sum, [transport, outcome]) =>
        sum +
        (samples.value(`fluo_export_requests_total{transport="${transport}",outcome="${outcome}"}`) ?? 0),
      0,
    );
}

function archive(samples: Samples): Finding {
  const lag = samples.value('fluo_archive_lag_seconds') ?? 0;
  const bytes = samples.value('fluo_wal_bytes') ?? 0;
  const text = `${duration(lag)} behind, ${humanBytes(bytes)} in the write-ahead log`;
  const problems =
    lag > ARCHIVE_BEHIND_S
      ? [
          problem(
            'FL812',
            'warning',
            `the archive is ${duration(lag)} behind`,
            'see the log of the server for why; nothing is lost while the write-ahead log has room (`wal.max_bytes`)',
          ),
        ]
      : [];
  return { subject: 'archive', text, problems };
}

/** How far the times in spans are from their arrival. */
function offsets(samples: Samples): Finding[] {
  const series = (le: string) => samples.value(`fluo_span_age_seconds_bucket{le="${le}"}`) ?? 0;
  const all = series('+Inf');
  if (all === 0) return [];
  const ahead = series('-5') / all;
  const old = 1 - series('600') / all;
  const problems = [];
  if (ahead > FAR_OFF_SHARE) {
    problems.push(
      problem(
        'FL814',
        'warning',
        `${percent(ahead)} of the requests hold spans that end more than 5 s after they arrived`,
        'see that the clocks of this machine and of the services are synchronised',
      ),
    );
  }
  if (old > FAR_OFF_SHARE) {
    problems.push(
      problem(
        'FL814',
        'warning',
        `${percent(old)} of the requests hold spans that ended more than 10 minutes before they arrived`,
        'see whether a client sends what it had buffered, and that the clocks are synchronised',
      ),
    );
  }
  return [
    {
      subject: 'span times',
      text: `${percent(1 - Math.min(1, ahead + old))} arrive within 10 minutes of their end`,
      problems,
    },
  ];
}

function judging(samples: Samples): Finding {
  const rules = samples.value('fluo_rules') ?? 0;
  const traces = samples.sum('fluo_closed_traces_total');
  const violations = samples.sum('fluo_violations_total');
  return well(
    'verdicts',
    `${counted(rules, 'rule')} in force, ${counted(traces, 'trace')} judged, ${counted(violations, 'violation')}`,
  );
}

function ago(seconds: number): string {
  return seconds < 1 ? 'just now' : `${duration(seconds)} ago`;
}

function duration(seconds: number): string {
  return seconds < 0.001 ? '0 s' : humanDuration(BigInt(Math.round(seconds * 1000)) * 1_000_000n);
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
