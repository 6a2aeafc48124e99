/** The pages that today does without, by the names that pwa/routes.js gives them. */
import {editHousehold, household, mendHousehold} from './household.js';
import {addHousehold, households, matches, newHousehold} from './households.js';
import {addAddition, newAddition} from './notes.js';
import {call, dismiss, hideHint, leaving, profile, speak, wear} from './profile.js';
import {addResident, editResident, mendResident, newResident} from './residents.js';
import {addVisit, newVisit, visit, where} from './visits.js';

export const pages = {
  addAddition, addHousehold, addResident, addVisit, call, dismiss, editHousehold, editResident, hideHint, household, households, leaving, matches,
  mendHousehold, mendResident, newAddition, newHousehold, newResident, newVisit, profile, speak, visit, wear, where,
};
