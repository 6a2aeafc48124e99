/* The runtime of the compiled templates: it prints, compares and filters as Jinja2 does, and throws where it could not. */
import { FILTERS, Safe, TESTS, each, equal, get, has, html, range, text, truth, whole } from './filters.js';

/** The HTML of a template for a context of texts, whole numbers, booleans, null, lists and plain objects. */
export function render(templates, name, context, globals) {
  const page = new Rendering(templates, Object.assign(Object.create(null), globals));
  return page.run(name, page.with(null, context));
}

const MISSING = Symbol('missing');

class Loop {
  constructor(items) {
    this.items = items;
    this.index0 = -1;
  }

  get index() { return this.index0 + 1; }
  get length() { return this.items.length; }
  get first() { return this.index0 === 0; }
  get last() { return this.index0 === this.length - 1; }
  get revindex() { return this.length - this.index0; }
  get revindex0() { return this.length - this.index0 - 1; }
  get previtem() { return this.items[this.index0 - 1]; }
  get nextitem() { return this.items[this.index0 + 1]; }
}

class Rendering {
  constructor(templates, globals) {
    Object.assign(this, { templates, globals, imported: new Map() });
  }

  run(name, context) {
    const blocks = {};
    for (let next = name; ;) {
      const template = this.templates[next];
      if (!template) throw new Error(`there is no template ${next}`);
      for (const [block, body] of Object.entries(template.blocks)) (blocks[block] ??= []).push(body);
      const html = this.tried(next, () => template.run(this, context, blocks));
      if (template.extends === null) return html;
      next = template.extends;
    }
  }

  tried(name, work) {
    try {
      return work();
    } catch (error) {
      if (!error.template) Object.assign(error, { template: name, message: `${name}: ${error.message}` });
      throw error;
    }
  }

  with(context, more) {
    return Object.assign(Object.create(context ?? this.globals), more);
  }

  macros(template, name) {
    if (!this.imported.has(template)) {
      const context = this.with(null, {});
      this.run(template, context);
      this.imported.set(template, context);
    }
    return this.imported.get(template)[name];
  }

  block(blocks, name, depth, context) {
    return blocks[name][depth](this, context, blocks, depth);
  }

  above(blocks, name, depth, context) {
    if (!blocks[name][depth + 1]) throw new Error(`the block ${name} has no super`);
    return new Safe(this.block(blocks, name, depth + 1, context));
  }

  macro(names, takes_caller, body) {
    return (values, named, caller) => {
      const given = names.map((name, place) => (place < values.length ? values[place] : Object.hasOwn(named, name) ? named[name] : MISSING));
      const strange = Object.keys(named).find((name) => !names.includes(name) || names.indexOf(name) < values.length);
      if (strange || values.length > names.length || (caller && !takes_caller)) {
        throw new TypeError(`a macro takes (${names})${takes_caller ? ' and a call' : ''}, not ${strange ?? `${values.length} values`}`);
      }
      return body(given, caller);
    };
  }

  given(values, place) { return values[place] !== MISSING; }

  call(macro, values, named, caller) {
    if (typeof macro !== 'function') throw new TypeError('what is called is no macro');
    return macro(values, named, caller);
  }

  safe(html) { return new Safe(html); }
  loop(items) { return new Loop(items); }
  range(...bounds) { return range(...bounds); }
  show(value) { return value === null || value === undefined ? '' : html(value); }
  each(value) { return each(value); }
  get(value, key) { return get(value, key); }
  truth(value) { return truth(value); }
  and(value, other) { return truth(value) ? other() : value; }
  or(value, other) { return truth(value) ? value : other(); }
  eq(a, b) { return equal(a, b); }
  has(all, one) { return has(all, one); }

  parts(value, count) {
    const parts = each(value);
    if (parts.length !== count) throw new TypeError(`${count} names cannot hold ${parts.length} values`);
    return parts;
  }

  order(a, b, sign) {
    const [left, right] = [whole(a), whole(b)];
    return sign === '<' ? left < right : sign === '<=' ? left <= right : sign === '>' ? left > right : left >= right;
  }

  glue(parts) {
    return parts.some((part) => part instanceof Safe) ? new Safe(parts.map(html).join('')) : parts.map(text).join('');
  }

  add(a, b) {
    if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
    const written = (value) => typeof value === 'string' || value instanceof Safe;
    return written(a) && written(b) ? this.glue([a, b]) : whole(whole(a) + whole(b));
  }

  reckon(a, sign, b) {
    const [left, right] = [whole(a), whole(b)];
    if (sign === '-') return whole(left - right);
    if (sign === '*') return whole(left * right + 0);
    if (right === 0) throw new RangeError('division by zero');
    const rest = left % right;
    const modulo = rest !== 0 && rest < 0 !== right < 0 ? rest + right : rest + 0;
    return sign === '%' ? modulo : (left - modulo) / right + 0;
  }
}

Rendering.prototype.filters = FILTERS;
Rendering.prototype.tests = TESTS;
