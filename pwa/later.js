/** What comes after the first page: the pages that today does without, and their templates. */
import {templates} from './later_templates.js';
import {pages} from './pages/later.js';

export const later = {pages, templates};
