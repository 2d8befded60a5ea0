// Random templates and data, as a function of a seed alone.

// Numbers in [0, 1) (mulberry32).
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const names = ['a', 'b', 'c', 'items', 'user', 'x-y', 'ünï', 'length',
  'constructor', '__proto__', 'toString', 'elsewhere', 'thisone', 'true1'];
const odd = ['a b', '0', '10', 'this', '..', 'a.b', 'if', 'x]y', ''];
const texts = ['', ' ', 'x', 'plain', '<b>"q" & \'s\'</b>', '`=`', '{{a}}',
  'é€', 'line\nline', '0', '1', 'true', 'a', 'length', '\u00a0'];
const numbers = [0, 1, -1, 2, 3.5, 1e21, 1e-7, 0.1, 123456789, -2.25];
// The white space between tags decides what is stripped.
const spaces = ['', '', ' ', '\n', '  \n', '\n  ', '\r\n', '\t', '\n\n', ' \n \n ',
  '\u00a0\n', 'x', 'x\n', '\nx', ' x ', 'x \n', '.', '&', '\\x', '{.', '.}', '.}}'];
// They make the next tag no tag, which may leave a block open.
const backslashes = ['\\', '\\\\', '\\\\\\', 'x\\', '\n\\\\'];

export class Maker {
  constructor(seed) {
    this.random = randomOf(seed);
  }

  below(n) {
    return Math.floor(this.random() * n);
  }

  one(of) {
    return of[this.below(of.length)];
  }

  chance(p) {
    return this.random() < p;
  }

  // -- data ------------------------------------------------------------------

  value(depth) {
    const kind = this.below(depth > 0 ? 10 : 6);
    if (depth > 2) return this.chance(0.5) ? this.object(depth - 1)
      : Array.from({ length: this.below(4) }, () => this.value(depth - 1));
    if (kind < 2) return this.one(texts);
    if (kind < 4) return this.one(numbers);
    if (kind === 4) return this.chance(0.5);
    if (kind === 5) return null;
    if (kind < 8)
      return Array.from({ length: this.below(4) }, () => this.value(depth - 1));
    return this.object(depth - 1);
  }

  // What JSON.parse makes of it: `__proto__` is a name like any other.
  object(depth, most = 6) {
    const members = Array.from({ length: this.below(most) }, () =>
      JSON.stringify(this.chance(0.75) ? this.one(names) : this.one(odd))
      + ':' + JSON.stringify(this.value(depth)));
    return JSON.parse(`{${members.join(',')}}`);
  }

  // -- paths -----------------------------------------------------------------

  segment() {
    if (this.chance(0.8)) return this.one(names);
    return `[${this.one(odd).replace(/]/g, '\\]')}]`;
  }

  path() {
    if (this.chance(0.12)) return this.one(['this', '.', '..', '../..']);
    if (this.chance(0.12))
      return '@' + this.one(['index', 'key', 'first', 'last', 'root',
        '../index', '../key', 'root.a', 'root.items', '../../first',
        'index.a']);
    let made = this.one(['', '', '', '', 'this.', './', '../', '../../',
      'this/', '../this.']);
    made += this.segment();
    while (this.chance(0.3)) {
      const number = this.chance(0.2);
      made += this.one(['.', '.', '.', '/']);
      made += number ? this.one(['[0]', '[1]', '[length]']) : this.segment();
    }
    return made;
  }

  literal() {
    return this.one(['"a"', "'b c'", '""', '0', '1', '-2.5', 'true', 'false',
      'null', 'undefined', '"le\\"ngth"', "'it\\'s'", '1.50']);
  }

  argument(depth = 2) {
    if (depth > 0 && this.chance(0.12))
      return `(lookup ${this.argument(depth - 1)} ${this.argument(depth - 1)})`;
    return this.chance(0.15) ? this.literal() : this.path();
  }

  // -- templates -------------------------------------------------------------

  open(kind) {
    return '{{' + (this.chance(0.12) ? '~' : '') + kind
      + (this.chance(0.1) ? ' ' : '');
  }

  close(kind = '') {
    return (this.chance(0.1) ? this.one([' ', '\n']) : '') + kind
      + (this.chance(0.12) ? '~' : '') + '}}';
  }

  comment() {
    return this.one(['{{! c }}', '{{!}}', '{{!-- {{x}} --}}', '{{!----}}',
      '{{~! c }}', '{{! c ~}}', '{{~!-- } --~}}', '{{!--}}', '{{! -- }}',
      '{{!-- a\nb --}}']);
  }

  value_tag() {
    const what = this.chance(0.12)
      ? `lookup ${this.argument()} ${this.argument()}`
      : this.chance(0.05) ? this.literal() : this.path();
    // handlebars.js adds numbers that stand alone side by side; the dash in
    // front keeps it from that.
    if (this.unescaped) return `-${this.open('')}${what}${this.close()}`;
    if (this.chance(0.15)) return `-${this.open('{')}${what}${this.close('}')}`;
    if (this.chance(0.1)) return `-${this.open('&')}${what}${this.close()}`;
    return this.open('') + what + this.close();
  }

  condition() {
    const helper = this.one(['if', 'if', 'unless', 'each', 'each', 'with', '']);
    return helper === '' ? [this.path()] : [helper, this.argument()];
  }

  block(depth) {
    const inverted = this.chance(0.1);
    const [name, argument] = this.condition();
    let made = this.open(inverted ? '^' : '#') + name
      + (argument === undefined ? '' : ` ${argument}`) + this.close();
    made += this.body(depth - 1);
    while (!inverted && this.chance(0.15))
      made += this.open('') + 'else ' + this.condition().join(' ')
        + this.close() + this.body(depth - 1);
    if (this.chance(0.35))
      made += (this.chance(0.2) ? this.open('^').trimEnd()
        : this.open('') + 'else') + this.close() + this.body(depth - 1);
    return made + this.open('/') + name + this.close();
  }

  space() {
    return this.one(this.chance(0.02) ? backslashes : spaces);
  }

  body(depth) {
    let made = this.space();
    for (let n = this.below(4); n > 0; --n) {
      const kind = this.random();
      if (kind < 0.45) made += this.value_tag();
      else if (kind < 0.55) made += this.comment();
      else if (depth > 0) made += this.block(depth);
      made += this.space();
    }
    return made;
  }

  // A template cut or with a piece too much: mostly refused by both.
  damage(source) {
    const at = this.below(source.length + 1);
    if (this.chance(0.5)) return source.slice(0, at) + source.slice(at + 1);
    return source.slice(0, at)
      + this.one(['{{', '}}', '~', '.', '/', '{{else}}', '#', '"', ']', '('])
      + source.slice(at);
  }

  case() {
    this.unescaped = this.chance(0.2);
    const source = this.body(3);
    return {
      template: this.chance(0.1) ? this.damage(source) : source,
      data: this.object(4, 20),
      escape: !this.unescaped,
    };
  }
}
