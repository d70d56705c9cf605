/** The failures that the rules of healthcare are about, each as the smallest change to the right program. */
import { wardSteps } from './right.mjs';

/** A report that skips the session. */
export const unauthenticated = (tracer, user, patient) => {
  const { request, readRecord, log } = wardSteps(tracer);
  return request('GET /reports/{id}', async () => {
    await readRecord(user, patient);
    await log(user, patient);
  });
};

/** The user is taken from the URL, the session belongs to somebody else. */
export const readAsAnotherUser = (tracer, user, other, patient) => {
  const { request, authenticate, readRecord, log } = wardSteps(tracer);
  return request('GET /patients/{id}', async () => {
    await authenticate(user);
    await readRecord(other, patient);
    await log(other, patient);
  });
};

export const oneLogForAWard = (tracer, user, patients) => {
  const { request, authenticate, readRecord, log } = wardSteps(tracer);
  return request('GET /wards/{id}', async () => {
    await authenticate(user);
    for (const patient of patients) await readRecord(user, patient);
    await log(user, patients[0]);
  });
};

export const sentInTheClear = (tracer, server) => {
  const { request, transmit } = wardSteps(tracer);
  return request('POST /referrals', () => transmit(server));
};

/** The other side is old, and the client agreed to its version. */
export const sentOverOldTls = (tracer, server) => {
  const { request, secureConnection, transmit } = wardSteps(tracer);
  return request('POST /referrals', async () => {
    await secureConnection(server, '1.0');
    await transmit(server);
  });
};

export const storedInTheClear = (tracer, record) => {
  const { request, store } = wardSteps(tracer);
  return request('PUT /patients/{id}', () => store(record));
};
