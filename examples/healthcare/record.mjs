/** Records the examples of healthcare: `node examples/healthcare/record.mjs VARIANT OUT.jsonl`. */
import { recordVariant } from '../telemetry/record.mjs';
import * as guide from './as-in-the-guide.mjs';
import * as broken from './broken.mjs';
import { refer, saveRecord, showRecord, wardSteps } from './right.mjs';

await recordVariant('ward', {
  right: async (tracer) => {
    await Promise.all([showRecord(tracer, 'dr-1', 'patient-1'), showRecord(tracer, 'dr-2', 'patient-2')]);
    await refer(tracer, 'lab.example');
    await saveRecord(tracer, 'record-1');
  },
  guide: async (tracer) => guide.accessPatientRecord(tracer, 'dr-1', 'patient-1'),
  'guide-in-request': (tracer) =>
    wardSteps(tracer).request('GET /patients/{id}', () =>
      guide.accessPatientRecord(tracer, 'dr-1', 'patient-1'),
    ),
  unauthenticated: (tracer) => broken.unauthenticated(tracer, 'dr-1', 'patient-1'),
  'read-as-another-user': (tracer) => broken.readAsAnotherUser(tracer, 'dr-1', 'dr-2', 'patient-1'),
  'one-log-for-a-ward': (tracer) => broken.oneLogForAWard(tracer, 'dr-1', ['patient-1', 'patient-2']),
  'sent-in-the-clear': (tracer) => broken.sentInTheClear(tracer, 'lab.example'),
  'sent-over-old-tls': (tracer) => broken.sentOverOldTls(tracer, 'lab.example'),
  'stored-in-the-clear': (tracer) => broken.storedInTheClear(tracer, 'record-1'),
});
