/** A hospital's record service whose spans show who read what, and that it was encrypted. */
import { SpanKind } from '@opentelemetry/api';
import { inSpan } from '../telemetry/telemetry.mjs';
import { doWork } from '../telemetry/work.mjs';

/** @param {import('@opentelemetry/api').Tracer} tracer */
export const wardSteps = (tracer) => ({
  request: (route, work) => inSpan(tracer, route, {}, work, { kind: SpanKind.SERVER }),

  /** Verifies the session of each request; the user is the one whom the session belongs to. */
  authenticate: (user) => inSpan(tracer, 'auth.user_authenticated', { 'user.id': user }, doWork),

  readRecord: (user, patient) =>
    inSpan(tracer, 'phi.access', { 'user.id': user, 'patient.id': patient, data_type: 'phi' }, doWork),

  log: (user, patient) =>
    inSpan(tracer, 'audit.log', { action: 'phi_access', 'user.id': user, 'patient.id': patient }, doWork),

  /** With a pool, where the connection is taken from it: the socket knows its protocol. */
  secureConnection: (server, version = '1.3') =>
    inSpan(tracer, 'encryption.tls', { 'server.address': server, 'tls.protocol.version': version }, doWork),

  transmit: (server) =>
    inSpan(tracer, 'phi.transmit', { 'server.address': server }, doWork, { kind: SpanKind.CLIENT }),

  encrypt: (record) => inSpan(tracer, 'encryption.at_rest', { 'record.id': record }, doWork),

  store: (record, work = doWork) =>
    inSpan(tracer, 'database.write', { data_type: 'phi', 'record.id': record }, work, {
      kind: SpanKind.CLIENT,
    }),
});

export const showRecord = (tracer, user, patient) => {
  const { request, authenticate, readRecord, log } = wardSteps(tracer);
  return request('GET /patients/{id}', async () => {
    await authenticate(user);
    await readRecord(user, patient);
    await log(user, patient);
  });
};

export const refer = (tracer, server) => {
  const { request, secureConnection, transmit } = wardSteps(tracer);
  return request('POST /referrals', async () => {
    await secureConnection(server);
    await transmit(server);
  });
};

export const saveRecord = (tracer, record) => {
  const { request, encrypt, store } = wardSteps(tracer);
  return request('PUT /patients/{id}', () => store(record, () => encrypt(record)));
};
