/** Which page answers which address: pure, from a Request and an env to a Response. */
import {lapsedPage} from './pages/lock.js';
import {missing, show} from './pages/page.js';
import {forgetLoss} from './pages/staying.js';
import {today} from './pages/today.js';

export const ROUTES = [
  ['GET', '/today', today],
  ['GET', '/households', 'households'],
  ['POST', '/households', 'addHousehold'],
  ['GET', '/households/new', 'newHousehold'],
  ['POST', '/households/matches', 'matches'],
  ['GET', '/households/{id}', 'household'],
  ['GET', '/households/{id}/edit', 'editHousehold'],
  ['POST', '/households/{id}/facts', 'mendHousehold'],
  ['GET', '/households/{id}/residents/new', 'newResident'],
  ['POST', '/households/{id}/residents', 'addResident'],
  ['GET', '/households/{id}/visits/new', 'newVisit'],
  ['POST', '/households/{id}/visits', 'addVisit'],
  ['GET', '/households/{id}/measurements/new', 'newMeasurement'],
  ['POST', '/households/{id}/measurements', 'addMeasurement'],
  ['GET', '/households/{id}/schedules/new', 'newSchedule'],
  ['POST', '/households/{id}/schedules', 'addSchedule'],
  ['GET', '/households/{id}/tasks/new', 'newTask'],
  ['POST', '/households/{id}/tasks', 'addTask'],
  ['GET', '/households/{id}/consents', 'consents'],
  ['GET', '/households/{id}/consents/new', 'newConsent'],
  ['POST', '/households/{id}/consents', 'addConsent'],
  ['GET', '/households/{id}/shares', 'shares'],
  ['GET', '/households/{id}/shares/new', 'newShare'],
  ['POST', '/households/{id}/shares', 'addShare'],
  ['GET', '/households/{id}/steering', 'steering'],
  ['POST', '/households/{id}/steering', 'addSteering'],
  ['GET', '/households/{id}/steering/new', 'newSteering'],
  ['GET', '/households/{id}/network', 'networkOf'],
  ['GET', '/households/{id}/helpers/new', 'newHelper'],
  ['POST', '/households/{id}/helpers', 'addHelper'],
  ['GET', '/households/{id}/pauses/new', 'newPause'],
  ['POST', '/households/{id}/pauses', 'addPause'],
  ['GET', '/households/{id}/loads/new', 'newLoad'],
  ['POST', '/households/{id}/loads', 'addLoad'],
  ['POST', '/households/{id}/loads/hiding', 'hideLoads'],
  ['POST', '/households/{id}/askings', 'addAsking'],
  ['GET', '/households/{id}/involved', 'involved'],
  ['GET', '/households/{id}/involved/new', 'newInvolved'],
  ['POST', '/households/{id}/involved', 'addInvolved'],
  ['GET', '/involved/{id}/edit', 'editInvolved'],
  ['POST', '/involved/{id}', 'mendInvolved'],
  ['POST', '/involved/{id}/confirmation', 'confirmInvolved'],
  ['POST', '/involved/{id}/ending', 'endInvolved'],
  ['GET', '/households/{id}/steps', 'safetySteps'],
  ['POST', '/households/{id}/steps', 'addSafetyStep'],
  ['GET', '/households/{id}/steps/new', 'newSafetyStep'],
  ['GET', '/households/{id}/liaisons/new', 'newLiaison'],
  ['POST', '/households/{id}/liaisons', 'addLiaison'],
  ['GET', '/households/{id}/discussions/new', 'newDiscussion'],
  ['POST', '/households/{id}/discussions', 'addDiscussion'],
  ['GET', '/helpers/{id}', 'helperOf'],
  ['POST', '/helpers/{id}', 'mendHelper'],
  ['GET', '/helpers/{id}/edit', 'editHelper'],
  ['POST', '/helpers/{id}/ending', 'endHelper'],
  ['POST', '/helpers/{id}/withdrawal', 'withdrawHelper'],
  ['GET', '/helpers/{id}/instructions/new', 'newInstruction'],
  ['POST', '/helpers/{id}/instructions', 'addInstruction'],
  ['POST', '/pauses/{id}/ending', 'endPause'],
  ['POST', '/carriers/{id}', 'carry'],
  ['GET', '/households/{id}/interests', 'interests'],
  ['GET', '/households/{id}/interests/new', 'newInterest'],
  ['POST', '/households/{id}/interests', 'addInterest'],
  ['GET', '/interests/{id}/edit', 'editInterest'],
  ['POST', '/interests/{id}', 'mendInterest'],
  ['POST', '/matches/{id}/answer', 'answerMatch'],
  ['POST', '/matches/{id}/helper', 'keepMatch'],
  ['POST', '/matches/{id}/ending', 'endMatch'],
  ['GET', '/offers', 'offers'],
  ['GET', '/offers/new', 'newOffer'],
  ['POST', '/offers', 'addOffer'],
  ['GET', '/offers/{id}/edit', 'editOffer'],
  ['POST', '/offers/{id}', 'mendOffer'],
  ['POST', '/offers/{id}/ending', 'endOffer'],
  ['POST', '/askings/{id}/answer', 'answerAsking'],
  ['POST', '/consents/{id}/withdrawal', 'withdrawConsent'],
  ['POST', '/shares/{id}/withdrawal', 'withdrawShare'],
  ['GET', '/residents/{id}/edit', 'editResident'],
  ['POST', '/residents/{id}', 'mendResident'],
  ['GET', '/visits/new', 'where'],
  ['GET', '/visits/{id}', 'visit'],
  ['GET', '/notes/{id}/additions/new', 'newAddition'],
  ['POST', '/notes/{id}/additions', 'addAddition'],
  ['GET', '/schedules/{id}', 'schedule'],
  ['POST', '/schedules/{id}/skips', 'skip'],
  ['POST', '/schedules/{id}/ending', 'end'],
  ['GET', '/tasks', 'tasks'],
  ['GET', '/tasks/{id}', 'task'],
  ['POST', '/tasks/{id}/completion', 'complete'],
  ['POST', '/tasks/{id}/calls', 'noteCall'],
  ['DELETE', '/tasks/{id}/completion', 'reopen'],
  ['GET', '/tasks/{id}/links', 'links'],
  ['POST', '/tasks/{id}/links', 'addLink'],
  ['POST', '/links/{id}/revocation', 'revokeLink'],
  ['GET', '/errands', 'errands'],
  ['GET', '/errands/{id}', 'errand'],
  ['POST', '/errands/{id}/answers', 'answerErrand'],
  ['DELETE', '/errands/{id}/answers', 'takeBack'],
  ['GET', '/worries/{id}', 'worry'],
  ['POST', '/worries/{id}/acknowledgements', 'acknowledge'],
  ['GET', '/remarks/{id}', 'remark'],
  ['POST', '/remarks/{id}/responses', 'respond'],
  ['GET', '/agenda', 'agenda'],
  ['GET', '/steering/{id}', 'steered'],
  ['POST', '/steering/{id}', 'stepOn'],
  ['GET', '/contacts', 'contacts'],
  ['GET', '/contacts/new', 'newContact'],
  ['POST', '/contacts', 'addContact'],
  ['GET', '/profile', 'profile'],
  ['GET', '/profile/phone', 'myPhone'],
  ['GET', '/profile/leaving', 'leaving'],
  ['GET', '/profile/trial', 'trial'],
  ['GET', '/profile/calendar', 'calendar'],
  ['POST', '/profile/calendar', 'newCalendar'],
  ['DELETE', '/profile/calendar', 'endCalendar'],
  ['POST', '/profile/hat', 'wear'],
  ['POST', '/profile/language', 'speak'],
  ['POST', '/profile/word', 'call'],
  ['POST', '/profile/confidentiality', 'confide'],
  ['POST', '/profile/hints', 'hideHint'],
  ['POST', '/profile/reminders', 'remind'],
  ['GET', '/profile/suggestions', 'suggestions'],
  ['POST', '/profile/suggestions', 'addSuggestion'],
  ['GET', '/profile/suggestions/new', 'newSuggestion'],
  ['DELETE', '/profile/waiting/{id}', 'dismiss'],
  ['DELETE', '/profile/loss', forgetLoss],
  ['GET', '/why/{id}', 'why'],
  ['POST', '/drafts', 'keepDraft'],
].map(([method, path, page]) => ({method, path, page, pattern: pattern(path)}));

const OURS = new Set(ROUTES.map(({path}) => path.split('/')[1]));

// Asked for by POST so that no search word stands in an address.
const READING = new Set(['matches']);

/** Whether this path is one of the phone's own pages, and not the office's. */
export function ours(path) {
  return OURS.has(path.split('/')[1]);
}

/** The answer to a request for one of the phone's own pages; what is not there, or not on this phone yet, says so. A page by its name comes later. */
export async function answer(request, env) {
  const {pathname} = new URL(request.url);
  for (const {method, page, pattern: shape} of ROUTES) {
    const found = method === request.method && shape.exec(pathname);
    if (!found) continue;
    if (env.phone.lapsed() && (method === 'GET' || READING.has(page))) return lapsedPage(env);
    const known = typeof page === 'string' ? (await env.later().catch(() => ({})))[page] : page;
    return known ? known(request, env, found.groups ?? {}) : unfetched(env);
  }
  return missing(env);
}

function unfetched(env) {
  return show(env, 'missing.html', {title: env.say('unfetched.title'), text: env.say('unfetched.text')}, {status: 503, tab: 'today'});
}

function pattern(path) {
  return new RegExp(`^${path.replace('{id}', '(?<id>[0-9a-f-]{36})')}$`);
}
