/** The pages that today does without, by the names that pwa/routes.js gives them. */
import {addConsent, newConsent} from './consent_form.js';
import {consents, withdrawConsent, withdrawShare} from './consents.js';
import {editHousehold, household, mendHousehold} from './household.js';
import {addHousehold, households, matches, newHousehold} from './households.js';
import {myPhone} from './my_phone.js';
import {addAddition, newAddition} from './notes.js';
import {call, dismiss, hideHint, leaving, profile, speak, wear} from './profile.js';
import {addResident, editResident, mendResident, newResident} from './residents.js';
import {addShare, newShare, shares} from './shares.js';
import {addVisit, newVisit, visit, where} from './visits.js';
import {why} from './why.js';

export const pages = {
  addAddition, addConsent, addHousehold, addResident, addShare, addVisit, call, consents, dismiss, editHousehold, editResident, hideHint, household,
  households, leaving, matches, mendHousehold, mendResident, myPhone, newAddition, newConsent, newHousehold, newResident, newShare, newVisit, profile,
  shares, speak, visit, wear, where, why, withdrawConsent, withdrawShare,
};
