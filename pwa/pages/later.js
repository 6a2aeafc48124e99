/** The pages that today does without, by the names that pwa/routes.js gives them. */
import {addAsking, answerAsking} from './askings.js';
import {calendar, endCalendar, newCalendar} from './calendar.js';
import {noteCall} from './calls.js';
import {addConsent, newConsent} from './consent_form.js';
import {consents, withdrawConsent, withdrawShare} from './consents.js';
import {addContact, contacts, newContact} from './contacts.js';
import {keepDraft} from './drafts.js';
import {answerErrand, errand, errands, takeBack} from './errands.js';
import {addHelper, editHelper, endHelper, helperOf, mendHelper, newHelper, withdrawHelper} from './helpers.js';
import {editHousehold, household, mendHousehold} from './household.js';
import {addHousehold, households, matches, newHousehold} from './households.js';
import {addInstruction, newInstruction} from './instructions.js';
import {addInterest, answerMatch, editInterest, endMatch, interests, keepMatch, mendInterest, newInterest} from './interests.js';
import {addLink, links, revokeLink} from './links.js';
import {addLoad, hideLoads, newLoad} from './loads.js';
import {myPhone} from './my_phone.js';
import {networkOf} from './network.js';
import {addAddition, newAddition} from './notes.js';
import {addOffer, editOffer, endOffer, mendOffer, newOffer, offers} from './offers.js';
import {addPause, endPause, newPause} from './pauses.js';
import {call, confide, dismiss, hideHint, leaving, profile, speak, wear} from './profile.js';
import {remind} from './reminding.js';
import {addResident, editResident, mendResident, newResident} from './residents.js';
import {addSchedule, end, newSchedule, schedule, skip} from './schedules.js';
import {addMeasurement, newMeasurement} from './self_measured.js';
import {addShare, newShare, shares} from './shares.js';
import {addTask, complete, newTask, reopen, task, tasks} from './tasks.js';
import {trial} from './trial.js';
import {addVisit, newVisit, visit, where} from './visits.js';
import {why} from './why.js';
import {acknowledge, worry} from './worries.js';

export const pages = {
  acknowledge, addAddition, addAsking, addConsent, addContact, addHelper, addHousehold, addInstruction, addLink, addLoad, addMeasurement, addPause,
  addResident, addSchedule, addShare, addTask, addVisit, answerAsking, answerErrand, calendar, call, complete, confide, consents, contacts, dismiss,
  editHelper, editHousehold, editResident, end, endCalendar, endHelper, endPause, errand, errands, helperOf, hideHint, hideLoads, household,
  households, keepDraft, leaving, links, matches, mendHelper, mendHousehold, mendResident, myPhone, networkOf, newAddition, newCalendar, newConsent,
  newContact, newHelper, newHousehold, newInstruction, newLoad, newMeasurement, newPause, newResident, newSchedule, newShare, newTask, newVisit,
  noteCall, profile, remind, reopen, revokeLink, schedule, shares, skip, speak, takeBack, task, tasks, trial, visit, wear, where, why,
  withdrawConsent, withdrawHelper, withdrawShare, worry,
  addInterest, addOffer, answerMatch, editInterest, editOffer, endMatch, endOffer, interests, keepMatch, mendInterest, mendOffer, newInterest, newOffer, offers,
};
