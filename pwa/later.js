/** What comes after the first page: the pages that today does without, with their templates and messages. */
import messages from './later_messages.json' with {type: 'json'};
import {templates} from './later_templates.js';
import {comingBack} from './calling.js';
import {oldest} from './oldest.js';
import {Pad} from './pad.js';
import {pages} from './pages/later.js';
import * as reminders from './reminders.js';
import {reserve} from './reserve.js';
import {tryOut} from './trial.js';

customElements.define('naober-pad', Pad);
comingBack();

/** `env`: what the phone is given with it. */
export const later = {messages, pages, templates, env: {oldest, reminders, reserve, tryOut}};
