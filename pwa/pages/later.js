/** The pages that today does without, by the names that pwa/routes.js gives them. */
import {addConsent, newConsent} from './consent_form.js';
import {consents, withdrawConsent, withdrawShare} from './consents.js';
import {addContact, contacts, newContact} from './contacts.js';
import {keepDraft} from './drafts.js';
import {answerErrand, errand, errands, takeBack} from './errands.js';
import {editHousehold, household, mendHousehold} from './household.js';
import {addHousehold, households, matches, newHousehold} from './households.js';
import {myPhone} from './my_phone.js';
import {addAddition, newAddition} from './notes.js';
import {call, dismiss, hideHint, leaving, profile, speak, wear} from './profile.js';
import {addResident, editResident, mendResident, newResident} from './residents.js';
import {addSchedule, end, newSchedule, schedule, skip} from './schedules.js';
import {addShare, newShare, shares} from './shares.js';
import {addTask, complete, newTask, reopen, task, tasks} from './tasks.js';
import {trial} from './trial.js';
import {addVisit, newVisit, visit, where} from './visits.js';
import {why} from './why.js';
import {acknowledge, worry} from './worries.js';

export const pages = {
  acknowledge, addAddition, addConsent, addContact, addHousehold, addResident, addSchedule, addShare, addTask, addVisit, answerErrand, call, complete, consents, contacts,
  dismiss, editHousehold, editResident, end, errand, errands, hideHint, household, households, keepDraft, leaving, matches, mendHousehold, mendResident, myPhone,
  newAddition, newConsent, newContact, newHousehold, newResident, newSchedule, newShare, newTask, newVisit, profile, reopen, schedule, shares, skip,
  speak, takeBack, task, tasks, trial, visit, wear, where, why, withdrawConsent, withdrawShare, worry,
};
