/** The instrumentation of the invariant-driven development guide, call for call in Node. Its spans are in traces of their own. */
export function accessPatientRecord(tracer, user, patient) {
  const authenticated = tracer.startSpan('auth.user_authenticated');
  authenticated.setAttribute('user.id', user);
  authenticated.setAttribute('compliance.framework', 'HIPAA');
  authenticated.setAttribute('compliance.control', '164.312(a)');
  authenticated.end();

  const access = tracer.startSpan('phi.access');
  access.setAttribute('patient.id', patient);
  access.setAttribute('user.id', user);
  access.setAttribute('data_type', 'phi');
  access.end();

  const log = tracer.startSpan('audit.log');
  log.setAttribute('action', 'phi_access');
  log.setAttribute('user.id', user);
  log.setAttribute('patient.id', patient);
  log.setAttribute('compliance.framework', 'HIPAA');
  log.setAttribute('compliance.control', '164.312(b)');
  log.end();
}
