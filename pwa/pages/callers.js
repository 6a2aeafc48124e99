/** Who may call about a task that they do, and not we. */

/** Who may have called about a task that somebody else does: the helpers of this home; null of a colleague's own task. */
export function calledFields(env, {known, one}) {
  if (!one.fields.helper && !one.fields.volunteer) return null;
  const here = known.helper.filter(({subject, fields}) => subject === one.subject && !(fields.until && fields.until < env.today()));
  const chosen = ({id, fields}) => id === one.fields.helper || Boolean(fields.volunteer && fields.volunteer === one.fields.volunteer);
  return {action: `/tasks/${one.id}/calls`, op: env.phone.id(), helpers: here.map((helper) => ({value: helper.id, text: helper.fields.name, chosen: chosen(helper)}))};
}
