/** The pages that today does without, by the names that pwa/routes.js gives them. */
import {agenda} from './agenda.js';
import {addAsking, answerAsking} from './askings.js';
import {calendar, endCalendar, newCalendar} from './calendar.js';
import {noteCall} from './calls.js';
import {carry} from './carriers.js';
import {addConsent, newConsent} from './consent_form.js';
import {consents, withdrawConsent, withdrawShare} from './consents.js';
import {addContact, contacts, newContact} from './contacts.js';
import {addDiscussion, newDiscussion} from './discussions.js';
import {keepDraft} from './drafts.js';
import {answerErrand, errand, errands, takeBack} from './errands.js';
import {addHelper, editHelper, endHelper, helperOf, mendHelper, newHelper, withdrawHelper} from './helpers.js';
import {editHousehold, household, mendHousehold} from './household.js';
import {addHousehold, households, matches, newHousehold} from './households.js';
import {addInstruction, newInstruction} from './instructions.js';
import {addInvolved, confirmInvolved, editInvolved, endInvolved, involved, mendInvolved, newInvolved} from './involved.js';
import {addLiaison, newLiaison} from './liaisons.js';
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
import {remark, respond} from './remarks.js';
import {addResident, editResident, mendResident, newResident} from './residents.js';
import {addSafetyStep, newSafetyStep, safetySteps} from './safety_steps.js';
import {addSchedule, end, newSchedule, schedule, skip} from './schedules.js';
import {addMeasurement, newMeasurement} from './self_measured.js';
import {addShare, newShare, shares} from './shares.js';
import {steered, stepOn} from './steered.js';
import {addSteering, newSteering, steering} from './steering.js';
import {addSuggestion, newSuggestion, suggestions} from './suggestions.js';
import {addTask, complete, newTask, reopen, task, tasks} from './tasks.js';
import {trial} from './trial.js';
import {addVisit, newVisit, visit, where} from './visits.js';
import {why} from './why.js';
import {acknowledge, worry} from './worries.js';

export const pages = {
  acknowledge, addAddition, addAsking, addConsent, addContact, addDiscussion, addHelper, addHousehold, addInstruction, addInterest, addInvolved, addLiaison,
  addLink, addLoad, addMeasurement, addOffer, addPause, addResident, addSafetyStep, addSchedule, addShare, addSteering, addSuggestion, addTask,
  addVisit, agenda, answerAsking, answerErrand, answerMatch, calendar, call, carry, complete, confide, confirmInvolved, consents, contacts, dismiss,
  editHelper, editHousehold, editInterest, editInvolved, editOffer, editResident, end, endCalendar, endHelper, endInvolved, endMatch, endOffer,
  endPause, errand, errands, helperOf, hideHint, hideLoads, household, households, interests, involved, keepDraft, keepMatch, leaving, links,
  matches, mendHelper, mendHousehold, mendInterest, mendInvolved, mendOffer, mendResident, myPhone, networkOf, newAddition, newCalendar, newConsent,
  newContact, newDiscussion, newHelper, newHousehold, newInstruction, newInterest, newInvolved, newLiaison, newLoad, newMeasurement, newOffer, newPause,
  newResident, newSafetyStep, newSchedule, newShare, newSteering, newSuggestion, newTask, newVisit, noteCall, offers, profile, remark, remind,
  reopen, respond, revokeLink, safetySteps, schedule, shares, skip, speak, steered, steering, stepOn, suggestions, takeBack, task, tasks, trial,
  visit, wear, where, why, withdrawConsent, withdrawHelper, withdrawShare, worry,
};
