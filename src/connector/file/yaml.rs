//! YAML as connector files use it: the core schema of YAML 1.2, so that every file has exactly one JSON value, and the
//! line and column of each part of it.
//!
//! JSON is YAML. Anchors and aliases are read, up to a bound; tags, merge keys, several documents, keys that are no
//! text and keys that are there twice are refused, since each of them has surprised somebody.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::{Map, Value};

use super::scalar;

/// Bytes of a file.
const SIZE: usize = 256 * 1024;
/// Lists and objects inside each other.
const DEPTH: usize = 32;
/// Values, each alias counted as all that it stands for.
const VALUES: usize = 20_000;

/// A place in a file; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Place {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl From<&Marker> for Place {
    fn from(mark: &Marker) -> Self {
        Self { line: mark.line().max(1), column: mark.col() + 1 }
    }
}

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub fix: String,
}

/// What a file says, and where.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it says.
    pub value: Value,
    places: HashMap<String, Places>,
    lines: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Places {
    /// Of the key, where there is one.
    name: Place,
    value: Place,
}

/// A value with its places, before aliases are resolved into one tree.
#[derive(Clone, Debug)]
struct Node {
    place: Place,
    value: Kind,
    /// Values in it, itself included.
    count: usize,
}

#[derive(Clone, Debug)]
enum Kind {
    Scalar(Value),
    List(Vec<Node>),
    Object(Vec<(String, Place, Node)>),
}

/// Reads a file.
///
/// # Errors
/// The first thing that keeps it from being read.
pub fn read(bytes: &[u8]) -> Result<Document, YamlError> {
    let refuse = |message: &str, fix: &str| YamlError::new(Place::START, message, fix);
    if bytes.len() > SIZE {
        return Err(refuse("the file has more than 256 KiB", "split it into several connectors"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| refuse("the file is not UTF-8", "save it in the encoding UTF-8"))?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let node = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), count: 0 }.document()?;
    let mut places = HashMap::new();
    let value = node.resolve(String::new(), None, &mut places);
    Ok(Document { value, places, lines: text.lines().map(str::to_owned).collect() })
}

impl Document {
    /// Where a value is, or what is around it where there is none. `pointer` is a JSON Pointer (RFC 6901).
    pub fn place(&self, pointer: &str) -> Place {
        self.near(pointer).map_or(Place::START, |places| places.value)
    }

    /// Where the key of a member is; the place of an item or of the whole that have none.
    pub fn name_place(&self, pointer: &str) -> Place {
        self.near(pointer).map_or(Place::START, |places| places.name)
    }

    /// Where the character at `offset` bytes of a text is; where the text begins if its lines were folded.
    pub fn place_inside(&self, pointer: &str, offset: usize) -> Place {
        let start = self.place(pointer);
        let text = self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let before = text.get(..offset).unwrap_or_default();
        let rest: String = self.rest_of_line(start);
        let quote = usize::from(rest.starts_with(['"', '\'']));
        let shown = rest.get(quote..).is_some_and(|written| written.starts_with(before));
        if shown && rest.starts_with(|first| !"|>*".contains(first)) {
            return Place { column: start.column + quote + before.chars().count(), ..start };
        }
        start
    }

    fn rest_of_line(&self, place: Place) -> String {
        let line = self.lines.get(place.line - 1).map_or("", String::as_str);
        line.chars().skip(place.column - 1).collect()
    }

    fn near(&self, pointer: &str) -> Option<&Places> {
        let mut pointer = pointer;
        loop {
            if let Some(found) = self.places.get(pointer) {
                return Some(found);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }
}

impl YamlError {
    fn new(place: Place, message: impl Into<String>, fix: &str) -> Self {
        Self { place, message: message.into(), fix: fix.to_owned() }
    }
}

impl From<ScanError> for YamlError {
    fn from(cause: ScanError) -> Self {
        let fix = "mind the indentation, and put text into quotes that begins with one of {}[],&*#?|<>=!%@`, \
                   contains \": \" or \" #\", or stands in { } or [ ] and contains one of {}[],";
        Self::new(cause.marker().into(), format!("not YAML: {}", cause.info()), fix)
    }
}

/// Builds nodes from the parser's events.
struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    count: usize,
}

impl Reader<'_> {
    fn document(mut self) -> Result<Node, YamlError> {
        let mut root = None;
        while let Some(next) = self.parser.next_event() {
            let (event, span) = next?;
            match event {
                Event::DocumentStart(_) if root.is_some() => {
                    let fix = "keep one connector a file, without a line `---` in between";
                    return Err(YamlError::new(place(span), "a second document begins", fix));
                }
                Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
                Event::Nothing => {}
                event => root = Some(self.node(event, span, 0)?),
            }
        }
        root.ok_or_else(|| {
            YamlError::new(Place::START, "the file is empty", "begin with `connector:` and the name")
        })
    }

    fn node(&mut self, event: Event<'_>, span: Span, depth: usize) -> Result<Node, YamlError> {
        let at = place(span);
        self.add(1, at)?;
        if depth > DEPTH {
            let fix = "write it flatter: no more than 32 lists and objects inside each other";
            return Err(YamlError::new(at, "too deep", fix));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                untagged(tag.is_some(), at)?;
                let value = match style {
                    ScalarStyle::Plain => scalar::plain(&text)
                        .map_err(|refused| YamlError::new(at, refused.to_string(), "put it into quotes"))?,
                    _ => Value::String(text.into_owned()),
                };
                (Kind::Scalar(value), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                untagged(tag.is_some(), at)?;
                (self.list(depth)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                untagged(tag.is_some(), at)?;
                (self.object(depth)?, anchor)
            }
            Event::Alias(anchor) => return self.alias(anchor, at),
            _ => return Err(YamlError::new(at, "a value is missing", "write one")),
        };
        let node = Node { place: at, count: value.count(), value };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Kind, YamlError> {
        let mut items = Vec::new();
        while let Some(next) = self.parser.next_event() {
            match next? {
                (Event::SequenceEnd, _) => break,
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
        Ok(Kind::List(items))
    }

    fn object(&mut self, depth: usize) -> Result<Kind, YamlError> {
        let mut members: Vec<(String, Place, Node)> = Vec::new();
        let mut lines = HashMap::new();
        while let Some(next) = self.parser.next_event() {
            let (event, span) = next?;
            if event == Event::MappingEnd {
                break;
            }
            let at = place(span);
            let key = key(event, at)?;
            if let Some(line) = lines.insert(key.clone(), at.line) {
                let message = format!("\"{key}\" is there twice, first in line {line}");
                return Err(YamlError::new(at, message, "keep one of them"));
            }
            if let Some(next) = self.parser.next_event() {
                let (event, span) = next?;
                members.push((key, at, self.node(event, span, depth + 1)?));
            }
        }
        Ok(Kind::Object(members))
    }

    /// What an alias stands for. Its places are those of the anchor: that is where its faults can be mended.
    fn alias(&mut self, anchor: usize, at: Place) -> Result<Node, YamlError> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            let fix = "let the alias stand after the value that it repeats, not in it";
            return Err(YamlError::new(at, "the alias stands for what it is part of", fix));
        };
        self.add(node.count, at)?;
        Ok(node)
    }

    fn add(&mut self, count: usize, at: Place) -> Result<(), YamlError> {
        self.count += count;
        if self.count > VALUES {
            let fix = "use fewer aliases of large values";
            return Err(YamlError::new(at, "the file has more than 20,000 values", fix));
        }
        Ok(())
    }
}

impl Kind {
    fn count(&self) -> usize {
        match self {
            Self::Scalar(_) => 1,
            Self::List(items) => 1 + items.iter().map(|item| item.count).sum::<usize>(),
            Self::Object(members) => 1 + members.iter().map(|(.., member)| member.count).sum::<usize>(),
        }
    }
}

impl Node {
    fn resolve(self, pointer: String, name: Option<Place>, places: &mut HashMap<String, Places>) -> Value {
        let value = match self.value {
            Kind::Scalar(value) => value,
            Kind::List(items) => {
                let item = |(at, item): (usize, Self)| item.resolve(format!("{pointer}/{at}"), None, places);
                Value::Array(items.into_iter().enumerate().map(item).collect())
            }
            Kind::Object(members) => {
                let member = |(key, at, member): (String, Place, Self)| {
                    let value = member.resolve(child(&pointer, &key), Some(at), places);
                    (key, value)
                };
                Value::Object(members.into_iter().map(member).collect::<Map<_, _>>())
            }
        };
        places.insert(pointer, Places { name: name.unwrap_or(self.place), value: self.place });
        value
    }
}

/// The pointer of a member.
pub fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn place(span: Span) -> Place {
    Place::from(&span.start)
}

fn untagged(tagged: bool, at: Place) -> Result<(), YamlError> {
    if tagged {
        return Err(YamlError::new(at, "a tag (`!…`)", "leave it out, or put the text into quotes"));
    }
    Ok(())
}

fn key(event: Event<'_>, at: Place) -> Result<String, YamlError> {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => {
            let fix = "write the members out, or give the whole value an anchor and use it as it is";
            Err(YamlError::new(at, "merge keys are not read", fix))
        }
        Event::Scalar(text, _, 0, None) => Ok(text.into_owned()),
        Event::Scalar(..) => Err(YamlError::new(at, "a key has a tag or an anchor", "write the key alone")),
        Event::MappingStart(..) => Err(YamlError::new(
            at,
            "a key is an object",
            "put templates into quotes: \"{{ contact.email }}\"",
        )),
        _ => Err(YamlError::new(at, "a key is no text", "write a name, then a colon and a space")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> Value {
        read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error:?}")).value
    }

    fn refused(text: &str) -> (usize, usize, String) {
        let error = read(text.as_bytes()).expect_err(text);
        assert!(!error.fix.is_empty());
        (error.place.line, error.place.column, error.message)
    }

    #[test]
    fn json_is_read_as_it_is() {
        let json = json!({"a": [1, -2.5, true, null, "x: y"], "b": {"c": {}, "d": []}});
        assert_eq!(value(&json.to_string()), json);
        assert_eq!(value(&serde_json::to_string_pretty(&json).unwrap()), json);
    }

    #[test]
    fn text_is_what_the_core_schema_has_no_other_type_for() {
        let text =
            "{a: yes, b: on, c: No, d: 12:30, e: 2026-11-23, f: 1_000, g: '1', h: \"true\", i: .5.1, j: a b}";
        assert_eq!(
            value(text),
            json!({"a": "yes", "b": "on", "c": "No", "d": "12:30", "e": "2026-11-23", "f": "1_000", "g": "1",
                   "h": "true", "i": ".5.1", "j": "a b"})
        );
    }

    #[test]
    fn anchors_are_resolved_and_their_places_are_where_they_are_written() {
        let text = "a: &x\n  b: [1]\nc: *x\nd: [*x, *x]\n";
        let document = read(text.as_bytes()).unwrap();
        let b = json!({"b": [1]});
        assert_eq!(document.value, json!({"a": b, "c": b, "d": [b, b]}));
        assert_eq!(document.place("/d/1/b/0"), Place { line: 2, column: 7 });
    }

    #[test]
    fn every_value_has_its_place() {
        let text = "connector: x\nsteps:\n  - stepId: find\n    when: \"not link.person\"\n    request: {path: /a/b}\n";
        let document = read(text.as_bytes()).unwrap();
        let at = |pointer| (document.name_place(pointer), document.place(pointer));
        let place = |line, column| Place { line, column };
        assert_eq!(at("/connector"), (place(1, 1), place(1, 12)));
        assert_eq!(at("/steps/0/when"), (place(4, 5), place(4, 11)));
        assert_eq!(at("/steps/0/request/path"), (place(5, 15), place(5, 21)));
        assert_eq!(at("/steps/0/request/nowhere/at/all").0, place(5, 5));
        assert_eq!(document.place_inside("/steps/0/when", 4), place(4, 16));
        assert_eq!(document.place_inside("/steps/0/request/path", 2), place(5, 23));
        assert_eq!(document.place(""), place(1, 1));
    }

    #[test]
    fn what_surprises_is_refused_with_its_line() {
        for (text, line, column, said) in [
            ("a: 1\nb: !!str 2\n", 2, 4, "a tag"),
            ("a: 1\n--- \nb: 2\n", 2, 1, "a second document"),
            ("a: 1\nb: 2\na: 3\n", 3, 1, "\"a\" is there twice, first in line 1"),
            ("a: {{ contact.email }}\n", 1, 5, "a key is an object"),
            ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, 3, "merge keys"),
            ("a: &x [*x]\n", 1, 8, "the alias stands for what it is part of"),
            ("a: *x\n", 1, 4, "not YAML"),
            ("a: .inf\n", 1, 4, ".inf"),
            ("a: 007\n", 1, 4, "007"),
            ("a: +8613800138000\n", 1, 4, "+8613800138000"),
            ("a: 123456789012345678901234567890\n", 1, 4, "1234"),
            ("? [a]\n: b\n", 1, 3, "a key is no text"),
            ("a: b: c\n", 1, 5, "not YAML"),
            ("a:\n\t- b\n", 2, 2, "not YAML"),
            ("", 1, 1, "the file is empty"),
        ] {
            let (at, in_line, message) = refused(text);
            assert!(message.contains(said), "{text}: {message}");
            assert_eq!((at, in_line), (line, column), "{text}: {message}");
        }
        assert!(read(b"a: \xff").is_err());
    }

    #[test]
    fn a_file_has_bounds() {
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        assert_eq!(refused(&deep).2, "too deep");
        assert!(refused(&"[".repeat(10_000)).2.contains("recursion"));
        let bomb: String = (1..12)
            .map(|at| format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 9].join(",")))
            .collect();
        assert!(refused(&format!("a0: &a0 x\n{bomb}")).2.contains("20,000"));
        assert!(refused(&"- 1\n".repeat(20_001)).2.contains("20,000"));
        assert!(refused(&" ".repeat(SIZE + 1)).2.contains("256 KiB"));
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~é王\n\"\\\\]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map("[ -~王]{1,8}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_json_says_yaml_says(json in tree()) {
            let document = read(json.to_string().as_bytes());
            prop_assert_eq!(document.map(|document| document.value), Ok(json));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-a-z:{}\\[\\],&*#?|<>=!%@`'\" \n0-9]{0,60}") {
            let _ = read(text.as_bytes());
        }
    }
}
