/** The pharmacy counter: reads patients' records for signed-in staff, and writes down who read what. */
export function clinic({ isOn, work }) {
  return {
    '/patients': {
      answer: async ({ body: { user, patient }, span }) => {
        await span('auth.user_authenticated', { 'user.id': user }, () => work(1, 3));
        await span('phi.access', { 'user.id': user, 'patient.id': patient, data_type: 'phi' }, () =>
          work(1, 5),
        );
        if (!isOn('phi-without-audit')) {
          await span('audit.log', { action: 'phi_access', 'user.id': user, 'patient.id': patient }, () =>
            work(0, 2),
          );
        }
        return { patient };
      },
    },
  };
}
