//! Patterns of a definition: a small regular-expression matcher that takes time linear in the text.
//!
//! The `regex-lite` crate would have cost every visitor 26 KB (brotli), more than a third of the whole contact form, so
//! this is the part of its syntax that a form needs:
//!
//! - literals, `.` (anything but a line feed), `\` before a punctuation mark, `\u{4E00}`, `\t`, `\n`
//! - classes `[a-z_]`, `[^0-9]`, and `\d` `\w` `\s` `\D` `\W` `\S` inside and outside of them; `\d` and `\w` are ASCII
//! - groups `(…)` and `(?:…)`, alternatives `|`, repetition `?` `*` `+` `{3}` `{2,}` `{2,5}`, anchors `^` and `$`
//!
//! A character is a Unicode scalar value. The whole text must match. The pattern becomes a program for a virtual machine
//! that follows all alternatives at once (Ken Thompson, "Regular Expression Search Algorithm", 1968; the manner of
//! <https://swtch.com/~rsc/regexp/regexp2.html>), so no pattern and no text can make it slow.

use std::iter::Peekable;
use std::str::Chars;

/// Why a pattern does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// It ends too early, or a bracket is not closed or not opened.
    Unbalanced,
    /// `?`, `*`, `+` or `{…}` with nothing before it that could be repeated, or with numbers in the wrong order.
    Repetition,
    /// A class such as `[z-a]` or `[]`.
    Class,
    /// A `\` before a letter that means nothing here.
    Escape,
    /// A group `(?…)` other than `(?:…)`.
    Group,
    /// Longer than 200 characters, nested too deeply, or too large once its repetitions are written out.
    TooLarge,
}

impl PatternError {
    /// What is wrong, for a person who writes definitions.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Unbalanced => "a bracket is not closed or not opened",
            Self::Repetition => "?, *, + or {…} has nothing to repeat, or its numbers are in the wrong order",
            Self::Class => "a class in […] is empty or a range in it runs backwards",
            Self::Escape => "a backslash stands before a letter that means nothing here",
            Self::Group => "only the groups (…) and (?:…) are understood",
            Self::TooLarge => "it is too long, too deep, or too large once its repetitions are written out",
        }
    }
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    program: Vec<Step>,
}

const MAX_CHARS: usize = 200;
const MAX_DEPTH: u8 = 20;
const MAX_STEPS: usize = 2_000;

/// One instruction; targets are places in the program.
#[derive(Clone, Debug)]
enum Step {
    /// Takes one character of the class.
    Take(Class),
    /// Goes both ways.
    Fork(usize, usize),
    /// Goes on elsewhere.
    Jump(usize),
    /// Goes on at the beginning of the text only.
    Start,
    /// Goes on at the end of the text only.
    End,
}

/// A set of characters as ranges, both ends included.
#[derive(Clone, Debug, Default)]
struct Class {
    negated: bool,
    ranges: Vec<(char, char)>,
}

impl Class {
    fn one(literal: char) -> Self {
        Self { negated: false, ranges: vec![(literal, literal)] }
    }

    fn has(&self, found: char) -> bool {
        self.ranges.iter().any(|&(first, last)| first <= found && found <= last) != self.negated
    }
}

type Ranges = &'static [(char, char)];

// Classes and their complements, both as ranges, so that they can stand inside other classes.
const DIGIT: Ranges = &[('0', '9')];
const NO_DIGIT: Ranges = &[('\0', '/'), (':', char::MAX)];
const WORD: Ranges = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const NO_WORD: Ranges = &[('\0', '/'), (':', '@'), ('[', '^'), ('`', '`'), ('{', char::MAX)];
const SPACE: Ranges =
    &[('\t', '\r'), (' ', ' '), ('\u{A0}', '\u{A0}'), ('\u{2000}', '\u{200A}'), ('\u{3000}', '\u{3000}')];
const NO_SPACE: Ranges = &[
    ('\0', '\u{8}'),
    ('\u{E}', '\u{1F}'),
    ('!', '\u{9F}'),
    ('\u{A1}', '\u{1FFF}'),
    ('\u{200B}', '\u{2FFF}'),
    ('\u{3001}', char::MAX),
];

/// Compiles a pattern.
///
/// # Errors
/// See [`PatternError`].
pub fn parse(pattern: &str) -> Result<Pattern, PatternError> {
    if pattern.chars().count() > MAX_CHARS {
        return Err(PatternError::TooLarge);
    }
    let mut parser = Parser { rest: pattern.chars().peekable(), depth: 0 };
    let program = parser.alternatives()?;
    match parser.rest.next() {
        None => Ok(Pattern { program }),
        Some(_) => Err(PatternError::Unbalanced),
    }
}

impl Pattern {
    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let mut states = States::new(self.program.len());
        self.follow(&mut states, 0, true, text.is_empty());
        let mut rest = text.chars();
        while let Some(found) = rest.next() {
            let at_end = rest.as_str().is_empty();
            let mut next = States::new(self.program.len());
            for &at in &states.reached {
                if matches!(self.program.get(at), Some(Step::Take(class)) if class.has(found)) {
                    self.follow(&mut next, at + 1, false, at_end);
                }
            }
            states = next;
        }
        states.reached.contains(&self.program.len())
    }

    /// Reaches `from` and every place that can be reached from it without taking a character.
    fn follow(&self, states: &mut States, from: usize, at_start: bool, at_end: bool) {
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if !states.reach(at) {
                continue;
            }
            match self.program.get(at) {
                Some(Step::Jump(target)) => open.push(*target),
                Some(Step::Fork(first, second)) => open.extend([*first, *second]),
                Some(Step::Start) if at_start => open.push(at + 1),
                Some(Step::End) if at_end => open.push(at + 1),
                _ => {}
            }
        }
    }
}

/// The places of the program reached so far; the place after its last step means a match.
struct States {
    seen: Vec<bool>,
    reached: Vec<usize>,
}

impl States {
    fn new(steps: usize) -> Self {
        Self { seen: vec![false; steps + 1], reached: Vec::new() }
    }

    /// Marks a place; `false` if it was marked before.
    fn reach(&mut self, at: usize) -> bool {
        match self.seen.get_mut(at) {
            Some(seen) if !*seen => {
                *seen = true;
                self.reached.push(at);
                true
            }
            _ => false,
        }
    }
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    depth: u8,
}

impl Parser<'_> {
    fn alternatives(&mut self) -> Result<Vec<Step>, PatternError> {
        let mut program = self.sequence()?;
        while self.rest.next_if_eq(&'|').is_some() {
            program = either(&program, &self.sequence()?)?;
        }
        Ok(program)
    }

    fn sequence(&mut self) -> Result<Vec<Step>, PatternError> {
        let mut program = Vec::new();
        while let Some(&next) = self.rest.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            let atom = self.atom()?;
            let repeated = self.repeated(atom)?;
            append(&mut program, &repeated)?;
        }
        Ok(program)
    }

    fn atom(&mut self) -> Result<Vec<Step>, PatternError> {
        let class = match self.rest.next().ok_or(PatternError::Unbalanced)? {
            '(' => return self.group(),
            '^' => return Ok(vec![Step::Start]),
            '$' => return Ok(vec![Step::End]),
            '.' => Class { negated: true, ranges: vec![('\n', '\n')] },
            '[' => self.class()?,
            '\\' => Class { negated: false, ranges: self.escape()? },
            '*' | '+' | '?' | '{' => return Err(PatternError::Repetition),
            ']' | '}' => return Err(PatternError::Unbalanced),
            literal => Class::one(literal),
        };
        Ok(vec![Step::Take(class)])
    }

    fn group(&mut self) -> Result<Vec<Step>, PatternError> {
        if self.rest.next_if_eq(&'?').is_some() && self.rest.next() != Some(':') {
            return Err(PatternError::Group);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(PatternError::TooLarge);
        }
        let program = self.alternatives()?;
        self.depth -= 1;
        self.rest.next_if_eq(&')').map(|_| program).ok_or(PatternError::Unbalanced)
    }

    fn class(&mut self) -> Result<Class, PatternError> {
        let mut class = Class { negated: self.rest.next_if_eq(&'^').is_some(), ranges: Vec::new() };
        loop {
            let first = match self.rest.next().ok_or(PatternError::Unbalanced)? {
                ']' if class.ranges.is_empty() => return Err(PatternError::Class),
                ']' => return Ok(class),
                '\\' => self.escape()?,
                literal => vec![(literal, literal)],
            };
            match first.as_slice() {
                &[(first, last)] if first == last && self.rest.peek() == Some(&'-') => {
                    self.range(&mut class, first)?
                }
                _ => class.ranges.extend(first),
            }
        }
    }

    /// The rest of a range after its first character; a `-` before the closing bracket is itself.
    fn range(&mut self, class: &mut Class, first: char) -> Result<(), PatternError> {
        self.rest.next();
        let last = match self.rest.peek() {
            Some(']') => {
                class.ranges.extend([(first, first), ('-', '-')]);
                return Ok(());
            }
            _ => match self.rest.next().ok_or(PatternError::Unbalanced)? {
                '\\' => self.escape()?,
                literal => vec![(literal, literal)],
            },
        };
        match last.as_slice() {
            &[(last, same)] if last == same && first <= last => class.ranges.push((first, last)),
            _ => return Err(PatternError::Class),
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<Vec<(char, char)>, PatternError> {
        let literal = match self.rest.next().ok_or(PatternError::Unbalanced)? {
            'd' => return Ok(DIGIT.to_vec()),
            'w' => return Ok(WORD.to_vec()),
            's' => return Ok(SPACE.to_vec()),
            'D' => return Ok(NO_DIGIT.to_vec()),
            'W' => return Ok(NO_WORD.to_vec()),
            'S' => return Ok(NO_SPACE.to_vec()),
            'n' => '\n',
            't' => '\t',
            'u' => self.code_point()?,
            other if other.is_ascii_alphanumeric() => return Err(PatternError::Escape),
            other => other,
        };
        Ok(vec![(literal, literal)])
    }

    /// The rest of `\u{4E00}`.
    fn code_point(&mut self) -> Result<char, PatternError> {
        self.rest.next_if_eq(&'{').ok_or(PatternError::Escape)?;
        let mut code = 0;
        while let Some(digit) = self.rest.next_if(|&next| next != '}') {
            let value = digit.to_digit(16).ok_or(PatternError::Escape)?;
            code = Some(code * 16 + value).filter(|&code| code <= 0x10_FFFF).ok_or(PatternError::Escape)?;
        }
        self.rest.next();
        char::from_u32(code).ok_or(PatternError::Escape)
    }

    /// The atom with the repetition that follows it written out.
    fn repeated(&mut self, atom: Vec<Step>) -> Result<Vec<Step>, PatternError> {
        let (least, most) = match self.rest.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => {
                self.rest.next();
                self.counts()?
            }
            _ => return Ok(atom),
        };
        self.rest.next();
        if matches!(self.rest.peek(), Some('?' | '*' | '+' | '{')) || most.is_some_and(|most| most < least) {
            return Err(PatternError::Repetition);
        }
        let mut program = Vec::new();
        for _ in 0..least {
            append(&mut program, &atom)?;
        }
        match most {
            None => append(&mut program, &star(&atom)?)?,
            Some(most) => append(&mut program, &up_to(&atom, most - least)?)?,
        }
        Ok(program)
    }

    /// The numbers of `{2}`, `{2,}`, `{2,5}`, up to but without the closing bracket.
    fn counts(&mut self) -> Result<(usize, Option<usize>), PatternError> {
        let least = self.count()?.ok_or(PatternError::Repetition)?;
        let most = match self.rest.next_if_eq(&',') {
            Some(_) => self.count()?,
            None => Some(least),
        };
        if self.rest.peek() == Some(&'}') { Ok((least, most)) } else { Err(PatternError::Repetition) }
    }

    fn count(&mut self) -> Result<Option<usize>, PatternError> {
        let mut value = None;
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10)) {
            let next = value.unwrap_or(0) * 10 + digit as usize;
            value = Some(next).filter(|&next| next <= MAX_STEPS);
            value.ok_or(PatternError::TooLarge)?;
        }
        Ok(value)
    }
}

/// Appends a piece whose targets count from its own beginning.
fn append(program: &mut Vec<Step>, piece: &[Step]) -> Result<(), PatternError> {
    let base = program.len();
    if base + piece.len() > MAX_STEPS {
        return Err(PatternError::TooLarge);
    }
    program.extend(piece.iter().map(|step| match step {
        Step::Fork(first, second) => Step::Fork(base + first, base + second),
        Step::Jump(target) => Step::Jump(base + target),
        other => other.clone(),
    }));
    Ok(())
}

fn either(first: &[Step], second: &[Step]) -> Result<Vec<Step>, PatternError> {
    let (middle, end) = (first.len() + 2, first.len() + 2 + second.len());
    let mut program = vec![Step::Fork(1, middle)];
    append(&mut program, first)?;
    program.push(Step::Jump(end));
    append(&mut program, second)?;
    Ok(program)
}

fn star(atom: &[Step]) -> Result<Vec<Step>, PatternError> {
    let mut program = vec![Step::Fork(1, atom.len() + 2)];
    append(&mut program, atom)?;
    program.push(Step::Jump(0));
    Ok(program)
}

fn up_to(atom: &[Step], times: usize) -> Result<Vec<Step>, PatternError> {
    let size = atom.len() + 1;
    let mut program = Vec::new();
    for done in 0..times {
        // A fork's targets are moved by `append`, so the end is counted from this repetition.
        append(&mut program, &[Step::Fork(1, size * (times - done))])?;
        append(&mut program, atom)?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PatternError, parse};

    fn matches(pattern: &str, text: &str) -> bool {
        parse(pattern).expect("a pattern").matches(text)
    }

    #[test]
    fn the_whole_text_must_match() {
        assert!(matches("[A-Z]{2}\\d{4}", "AB1234"));
        assert!(!matches("[A-Z]{2}\\d{4}", "AB12345"));
        assert!(!matches("[A-Z]{2}\\d{4}", "xAB1234"));
        assert!(matches("^\\d+$", "12") && !matches("^\\d+$", "1a"));
        assert!(matches("", "") && !matches("", "a"));
    }

    #[test]
    fn every_construct_means_what_it_means_elsewhere() {
        for (pattern, yes, no) in [
            ("a|bc|", "bc", "ab"),
            ("(ab)*c?", "ababc", "abac"),
            ("(?:a|b){2,3}", "aba", "abab"),
            ("a{2,}", "aaaa", "a"),
            ("a{0,2}b", "b", "aaab"),
            ("[^a-c]+", "xyz", "xaz"),
            ("[\\w.-]+", "a_1.-", "a b"),
            ("[a-]", "-", "b"),
            ("\\S\\s\\S", "a b", "a  "),
            ("[\\D]", "x", "1"),
            ("[\\u{4E00}-\\u{9FFF}]{2,4}", "李明", "Li"),
            (".", "😀", "\n"),
            ("\\(\\d\\)\\\\", "(1)\\", "1"),
            ("(a*)*b", "aab", "aac"),
        ] {
            assert!(matches(pattern, yes), "{pattern} on {yes}");
            assert!(!matches(pattern, no), "{pattern} on {no}");
        }
    }

    #[test]
    fn what_does_not_compile_says_why() {
        for (pattern, error) in [
            ("(a", PatternError::Unbalanced),
            ("a)", PatternError::Unbalanced),
            ("[a", PatternError::Unbalanced),
            ("\\", PatternError::Unbalanced),
            ("*a", PatternError::Repetition),
            ("a**", PatternError::Repetition),
            ("a{3,2}", PatternError::Repetition),
            ("a{x}", PatternError::Repetition),
            ("[z-a]", PatternError::Class),
            ("[]", PatternError::Class),
            ("\\p", PatternError::Escape),
            ("\\u{D800}", PatternError::Escape),
            ("(?=a)", PatternError::Group),
            ("((a{100}){100}){100}", PatternError::TooLarge),
            ("a{99999999999999999999}", PatternError::TooLarge),
        ] {
            assert_eq!(parse(pattern).err(), Some(error), "{pattern}");
        }
        assert_eq!(parse(&"(".repeat(150)).err(), Some(PatternError::TooLarge));
        assert_eq!(parse(&"a".repeat(201)).err(), Some(PatternError::TooLarge));
    }

    #[test]
    fn a_class_and_its_complement_share_nothing_and_leave_nothing_out() {
        let has = |pattern: &str, found: char| matches(pattern, found.encode_utf8(&mut [0; 4]));
        for (class, complement) in [("\\d", "\\D"), ("\\w", "\\W"), ("\\s", "\\S")] {
            for found in ('\0'..'\u{3100}').chain(['\u{FFFF}', char::MAX]) {
                assert_ne!(has(class, found), has(complement, found), "{class} on {found:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_pattern_and_text_are_answered(pattern in "[ab\\\\dws.\\[\\]^$()?:|*+{},0-9-]{0,24}", text in "[ab1 ]{0,24}") {
            if let Ok(pattern) = parse(&pattern) {
                let _ = pattern.matches(&text);
            }
        }

        #[test]
        fn it_agrees_with_the_regex_crate(pattern in "([ab.]|\\[ab\\]|\\[\\^a\\]|\\(a\\|b\\)|\\(ab\\)|a\\*|b\\+|a\\?|b\\{1,2\\}|\\|){0,8}", text in "[abc]{0,8}") {
            let theirs = regex_lite::Regex::new(&["^(?:", &pattern, ")$"].concat()).expect("a pattern");
            let ours = parse(&pattern).expect("a pattern");
            prop_assert_eq!(ours.matches(&text), theirs.is_match(&text), "{} on {}", pattern, text);
        }
    }
}
